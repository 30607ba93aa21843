import HL7
import Intake
import Logging
import Metrics
import Server
import Wire

/// Takes HL7 v2 messages into the store, and answers them as HL7 says: only once they are durable.
struct SourceDoor: MessageDoor {
    let sources: MLLPSources
    let lane: IntakeLane
    let logger: Logger
    /// Before what could not be taken is told.
    var pause = Duration.seconds(1)

    /// What such messages are called, where a file would have a name: the same from every connection, since a message without an id of its
    /// own goes by it and its bytes.
    static let name = "mllp"

    func take(_ message: [UInt8], from peer: MLLPPeer) async -> [UInt8]? {
        let headed = Self.headed(message)
        let (verdict, source) = await verdict(of: message, headed: headed, from: peer)
        Counter(
            label: "daybook_feed_messages",
            dimensions: [("source", source ?? "unknown"), ("answer", verdict.word)]
        ).increment()
        let answer = HL7Acknowledgement(
            to: headed, verdict, controlID: ControlIDs.next(), now: .machine)
        guard let answer else {
            // No MSH: nobody to answer in HL7's own terms. What could be kept was kept.
            logger.warning("mllp: a frame without MSH", metadata: ["peer": "\(peer.address)"])
            return nil
        }
        return answer.isWanted ? answer.encoded : nil
    }

    /// From the first MSH on, whatever stands before it: blank lines, a batch's own segments.
    private static func headed(_ message: [UInt8]) -> [UInt8] {
        guard HL7Header(of: message) == nil else { return message }
        let found = HL7File(message).messages.lazy.map { Array(message[$0].prefix(HL7Header.maximumBytes)) }
        return found.first { HL7Header(of: $0) != nil } ?? message
    }

    private func verdict(
        of message: [UInt8], headed: [UInt8], from peer: MLLPPeer
    ) async -> (HL7Acknowledgement.Verdict, source: String?) {
        guard let source = sources.source(of: headed) else {
            return (.failed(reason: "no source is configured for this sender (MSH-3, MSH-4)"), nil)
        }
        guard sources.may(peer.certificates, sendFor: source) else {
            logger.warning(
                "mllp: a certificate that may not send for this source",
                metadata: ["peer": "\(peer.address)", "source": "\(source)"])
            return (
                .failed(reason: "this sender's certificate is not one that may send for \(source)"), source
            )
        }
        switch await lane.take(message, source: source, name: Self.name) {
        case .success(.stored): return (.stored, source)
        case .success(.quarantined(let position, let reject)):
            return (HL7Acknowledgement.Verdict(reject, quarantinedAs: "q\(position.value)"), source)
        case .failure(.usage(let text)): return (.failed(reason: text), source)
        case .failure(let error):
            logger.error("mllp: \(error)", metadata: ["source": "\(source)"])
            // Whoever sends the same again at once would keep a log busy that takes nothing. Cut short by the server's stop.
            try? await Task.sleep(for: pause)
            if case .unknown = error {
                return (.failed(reason: "whether the record has it is not known"), source)
            }
            return (.failed(reason: "the record cannot take it now"), source)
        }
    }
}

extension HL7Acknowledgement.Verdict {
    fileprivate var word: String {
        switch self {
        case .stored: "stored"
        case .quarantined: "quarantined"
        case .refused: "refused"
        case .failed: "failed"
        }
    }
}
