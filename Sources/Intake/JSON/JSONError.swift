/// Why bytes are not a JSON document (RFC 8259), and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Nothing but white space.
        case empty
        /// The document ends before it is complete.
        case truncated
        /// Not UTF-8: UTF-16, UTF-32, ISO 8859-1 and the like.
        case charset
        /// A byte that cannot stand where it does.
        case unexpected
        case badEscape = "bad-escape"
        case badNumber = "bad-number"
        /// A control character inside a string.
        case controlCharacter = "control-character"
        /// An object with the same member name twice: readers differ on which one counts.
        case duplicateMember = "duplicate-member"
        case tooDeep = "too-deep"
        case tooLarge = "too-large"
        /// Something after the document's end.
        case trailingBytes = "trailing-bytes"
    }

    public var code: Code
    /// Says what is wrong, for people.
    public var reason: String
    /// Byte offset, from 0.
    public var offset: Int
    /// Both from 1; the column counts bytes.
    public var line: Int
    public var column: Int
    /// Such as `Bundle.entry[3].resource.id`; `$` stands for a document without a resource type.
    public var path: String

    public init(code: Code, reason: String, offset: Int, line: Int, column: Int, path: String) {
        self.code = code
        self.reason = reason
        self.offset = offset
        self.line = line
        self.column = column
        self.path = path
    }

    public var description: String { "line \(line), column \(column): \(path): \(reason)" }
}

/// A fault as the scanner's inner loops throw it: two words, nothing allocated.
struct JSONFault: Error {
    var code: JSONError.Code
    var at: Int
}
