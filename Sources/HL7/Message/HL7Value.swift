/// A field, or a part of one: a range of the message's bytes.
///
/// Parts count from 1, as in the standard. What is not there is an absent value, never an error: `PID-5.2` of a message that sends
/// no PID-5 is absent. A part one level up stands for its first part one level down, so that a sender of a newer version is read
/// by an older one's rules.
public struct HL7Value: Sendable {
    enum Level: Int, Sendable { case field, repetition, component, subcomponent }

    let message: HL7Message
    /// In the message's bytes.
    public let range: Range<Int>
    let level: Level

    /// As sent, escapes and all.
    public var bytes: ArraySlice<UInt8> { message.bytes[range] }

    /// Nothing was sent: what is known stays as it is.
    public var isAbsent: Bool { range.isEmpty }

    /// Two quotation marks: the sender says that there is nothing, and that what is known is no longer so.
    public var isNull: Bool { range.count == 2 && bytes.elementsEqual([0x22, 0x22]) }

    /// Neither absent nor null.
    public var isValued: Bool { !isAbsent && !isNull }

    /// The repetitions of a field; none where it is absent.
    public var repetitions: [HL7Value] {
        if isAbsent { return [] }
        guard level == .field, let separator = message.separators.repetition else {
            return [HL7Value(message: message, range: range, level: .repetition)]
        }
        return parts(separator).map { HL7Value(message: message, range: $0, level: .repetition) }
    }

    /// A component of a repetition, or of a field's first one.
    public func component(_ number: Int) -> HL7Value {
        part(
            number, message.separators.component, of: level == .field ? firstRepetition : range,
            as: .component)
    }

    /// The components of a repetition, or of a field's first one; none where it is absent.
    public var components: [HL7Value] {
        if isAbsent { return [] }
        let whole = HL7Value(
            message: message, range: level == .field ? firstRepetition : range, level: .repetition)
        return whole.parts(message.separators.component).map {
            HL7Value(message: message, range: $0, level: .component)
        }
    }

    /// A subcomponent of a component.
    public func subcomponent(_ number: Int) -> HL7Value {
        let whole = level.rawValue < Level.component.rawValue ? component(1).range : range
        guard level != .subcomponent, let separator = message.separators.subcomponent else {
            let end = range.upperBound
            return HL7Value(message: message, range: number == 1 ? whole : end..<end, level: .subcomponent)
        }
        return part(number, separator, of: whole, as: .subcomponent)
    }

    /// Whether it is exactly those characters, blanks on either side set aside.
    public func isText(_ text: StaticString) -> Bool { text.withUTF8Buffer { trimmed.elementsEqual($0) } }

    /// As sent, without blanks on either side.
    public var trimmed: ArraySlice<UInt8> {
        var slice = bytes
        while let last = slice.last, last == 0x20 || last == 0x09 { slice.removeLast() }
        while let first = slice.first, first == 0x20 || first == 0x09 { slice.removeFirst() }
        return slice
    }

    private var firstRepetition: Range<Int> {
        guard let separator = message.separators.repetition else { return range }
        let bytes = message.bytes
        return range.lowerBound..<HL7Bytes.first(separator, bytes.span.bytes, range)
    }

    private func part(_ number: Int, _ separator: UInt8, of whole: Range<Int>, as level: Level) -> HL7Value {
        precondition(number > 0, "parts count from 1")
        if self.level.rawValue >= level.rawValue {
            // It has been taken apart that far already.
            let end = range.upperBound
            return HL7Value(message: message, range: number == 1 ? range : end..<end, level: level)
        }
        let bytes = message.bytes
        let raw = bytes.span.bytes
        var start = whole.lowerBound
        for _ in 1..<number {
            let end = HL7Bytes.first(separator, raw, start..<whole.upperBound)
            guard end < whole.upperBound else {
                return HL7Value(message: message, range: whole.upperBound..<whole.upperBound, level: level)
            }
            start = end + 1
        }
        let end = HL7Bytes.first(separator, raw, start..<whole.upperBound)
        return HL7Value(message: message, range: start..<end, level: level)
    }

    private func parts(_ separator: UInt8) -> [Range<Int>] {
        let bytes = message.bytes
        let raw = bytes.span.bytes
        var out: [Range<Int>] = []
        var start = range.lowerBound
        while true {
            let end = HL7Bytes.first(separator, raw, start..<range.upperBound)
            out.append(start..<end)
            guard end < range.upperBound else { return out }
            start = end + 1
        }
    }
}
