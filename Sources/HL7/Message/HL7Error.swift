/// Why bytes are no message that can be read: what, where, and what to do.
public struct HL7Error: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case empty
        /// It does not begin with MSH.
        case notAMessage = "not-a-message"
        /// MSH-1 and MSH-2 cannot be told apart.
        case separators
        /// A line that begins with no segment's name.
        case notASegment = "not-a-segment"
        /// MSH-18 names a character set that is not taken, or the bytes are not of it.
        case charset
        case tooLarge = "too-large"
        case tooManySegments = "too-many-segments"
        case tooManyFields = "too-many-fields"
        case tooManyParts = "too-many-parts"
    }

    public var code: Code
    /// For people.
    public var reason: String
    /// Such as `OBX[3]-5`: the third OBX of the message, field 5. Nil where the fault is in no segment.
    public var path: String?
    /// Byte offset in the message, from 0. Of a message in UTF-16 or UTF-32: in its UTF-8.
    public var offset: Int

    public init(_ code: Code, path: String? = nil, offset: Int, _ reason: String) {
        (self.code, self.reason, self.path, self.offset) = (code, reason, path, offset)
    }

    /// - Parameter segment: which of its name it is, from 1, and its name.
    init(_ code: Code, segment: (number: Int, name: [UInt8]), field: Int?, offset: Int, _ reason: String) {
        self.init(code, path: Self.path(segment.name, segment.number, field: field), offset: offset, reason)
    }

    /// `PID`, `PID-3`, `OBX[2]-5`: no number where it is the first.
    static func path(_ name: [UInt8], _ number: Int, field: Int?) -> String {
        let which = number > 1 ? "[\(number)]" : ""
        return String(decoding: name, as: UTF8.self) + which + (field.map { "-\($0)" } ?? "")
    }

    public var description: String { "\(path.map { "\($0): " } ?? "")\(reason) (byte \(offset))" }
}
