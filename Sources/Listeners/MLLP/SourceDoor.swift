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

    func take(_ message: [UInt8], from peer: MLLPPeer) async -> [UInt8]? {
        let (verdict, source) = await verdict(of: message, from: peer)
        Counter(
            label: "daybook_feed_messages",
            dimensions: [("source", source ?? "unknown"), ("answer", verdict.word)]
        ).increment()
        let answer = HL7Acknowledgement(
            to: message, verdict, controlID: ControlIDs.next(), now: .machine)
        guard let answer else {
            // No MSH: nobody to answer in HL7's own terms. What could be kept was kept.
            logger.warning("mllp: a frame without MSH", metadata: ["peer": "\(peer.address)"])
            return nil
        }
        return answer.isWanted ? answer.encoded : nil
    }

    private func verdict(
        of message: [UInt8], from peer: MLLPPeer
    ) async -> (HL7Acknowledgement.Verdict, source: String?) {
        guard let source = sources.source(of: message) else {
            return (.failed(reason: "no source is configured for this sender (MSH-3, MSH-4)"), nil)
        }
        switch await lane.take(message, source: source, name: "mllp \(peer.address)") {
        case .success(.stored): return (.stored, source)
        case .success(.quarantined(let position, let reject)):
            return (HL7Acknowledgement.Verdict(reject, quarantinedAs: "q\(position.value)"), source)
        case .failure(.usage(let text)): return (.failed(reason: text), source)
        case .failure(let error):
            logger.error("mllp: \(type(of: error))", metadata: ["source": "\(source)"])
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
