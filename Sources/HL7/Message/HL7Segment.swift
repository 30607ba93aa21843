/// One segment of a message.
public struct HL7Segment: Sendable {
    let message: HL7Message
    /// Its place in the message, from 0.
    public let number: Int
    /// Indices of its marks: the first, and one past the last.
    private let marks: Range<Int>

    init(message: HL7Message, number: Int) {
        self.message = message
        self.number = number
        marks = Int(message.index.segments[number])..<Int(message.index.segments[number + 1])
        let bytes = message.bytes
        carriesSeparators =
            marks.count > 2
            && HL7Bytes.beginsHeader(bytes.span.bytes, Int(message.index.marks[marks.lowerBound]))
    }

    /// Byte offset of its name.
    public var offset: Int { Int(message.index.marks[marks.lowerBound]) }

    /// All of it, without what ends the line.
    public var bytes: ArraySlice<UInt8> {
        message.bytes[offset..<Int(message.index.marks[marks.upperBound - 1]) - 1]
    }

    /// `PID`.
    public var name: String { String(decoding: message.bytes[offset..<offset + 3], as: UTF8.self) }

    public func isNamed(_ name: StaticString) -> Bool {
        let bytes = message.bytes
        return HL7Bytes.isName(name, bytes.span.bytes, offset)
    }

    /// Whether it is a header with its separators, so that its field 1 is the separator between fields itself. One that is its name alone
    /// has no fields.
    private let carriesSeparators: Bool

    /// The number of its last field that is sent, empty or not; 0 for none.
    public var lastField: Int { marks.count - 2 + (carriesSeparators ? 1 : 0) }

    /// A field by its number in the standard, from 1; absent where the segment ends before it.
    public func field(_ number: Int) -> HL7Value {
        precondition(number > 0, "fields count from 1")
        if carriesSeparators, number <= 2 {
            // The separators, which take nothing apart here.
            let start = offset + 3
            let end = number == 1 ? start + 1 : Int(message.index.marks[marks.lowerBound + 2]) - 1
            return HL7Value(
                message: message, range: (number == 1 ? start : start + 1)..<max(start + 1, end),
                level: .subcomponent)
        }
        let mark = marks.lowerBound + number - (carriesSeparators ? 1 : 0)
        guard mark < marks.upperBound - 1 else {
            let end = Int(message.index.marks[marks.upperBound - 1]) - 1
            return HL7Value(message: message, range: end..<end, level: .field)
        }
        return HL7Value(
            message: message,
            range: Int(message.index.marks[mark])..<Int(message.index.marks[mark + 1]) - 1, level: .field)
    }

    /// `OBX[2]-5`: this segment among those of its name, and a field of it.
    public func path(field: Int? = nil) -> String {
        let bytes = message.bytes
        let path = message.index.path(bytes.span.bytes, segment: message.index.segments[number], field: nil)
        return path + (field.map { "-\($0)" } ?? "")
    }
}
