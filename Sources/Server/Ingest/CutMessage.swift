import HL7
import Intake

/// One message of an input, not read yet.
struct CutMessage: Sendable {
    /// The whole input's bytes.
    var bytes: [UInt8]
    var range: Range<Int>
    var name: String
    /// Where the input holds several, the line of the file that the message begins on.
    var line: Int?
    var type: MessageType
    var ticket = 0
    /// Nil: the one that the call names.
    var source: String?
    /// As its input says.
    var standing: [Int: String] = [:]
    /// As its input says; of one that is one message.
    var read: ReadMessage?

    /// The messages of an input in order.
    static func messages(of input: IngestInput) -> [CutMessage] {
        var messages = cut(input)
        for index in messages.indices {
            messages[index].ticket = input.ticket
            messages[index].source = input.source
            messages[index].standing = input.standing
        }
        return messages
    }

    private static func cut(_ input: IngestInput) -> [CutMessage] {
        let type = input.type ?? MessageType(sniffing: input.bytes)
        if input.isOneMessage {
            var range = 0..<input.bytes.count
            // Without what stands around it: framing, blank lines, a batch's segments. Of several, all, for somebody to refuse.
            if type == .hl7v2, let only = HL7File(input.bytes).messages.only { range = only }
            var message = CutMessage(
                bytes: input.bytes, range: range, name: input.name, line: nil, type: type)
            message.read = input.read
            return [message]
        }
        switch type {
        case .fhir:
            let file = input.firstLine == nil ? FHIRFile(input.bytes) : FHIRFile(lines: input.bytes)
            return file.messages.map { message in
                CutMessage(
                    bytes: input.bytes, range: message.range, name: input.name,
                    line: message.line.map { $0 - 1 + (input.firstLine ?? 1) }, type: type)
            }
        case .hl7v2:
            let ranges = HL7File(input.bytes).messages
            // Nothing in it, or a batch without messages: somebody should hear of it.
            if ranges.isEmpty {
                return [
                    CutMessage(
                        bytes: input.bytes, range: 0..<input.bytes.count, name: input.name, line: nil,
                        type: type)
                ]
            }
            let isAlone = ranges.count == 1 && input.firstLine ?? 1 == 1
            var line = input.firstLine ?? 1
            var at = 0
            return ranges.map { range in
                line += Self.lines(input.bytes, at..<range.lowerBound)
                at = range.lowerBound
                return CutMessage(
                    bytes: input.bytes, range: range, name: input.name, line: isAlone ? nil : line, type: type
                )
            }
        }
    }

    /// Line ends in the range: LF, CR, or both together.
    static func lines(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var count = 0
        for i in range
        where bytes[i] == 0x0A || (bytes[i] == 0x0D && !(i + 1 < bytes.count && bytes[i + 1] == 0x0A)) {
            count += 1
        }
        return count
    }

    /// The message's own bytes. Where it is all of the input: no copy of megabytes.
    var raw: [UInt8] { range == 0..<bytes.count ? bytes : Array(bytes[range]) }
}

extension Array {
    /// The element of an array of one.
    fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
