/// A value of a document, for reading it by name without decoding it.
public struct JSONCursor: Sendable {
    public let document: JSONDocument
    /// The tape index.
    public let index: Int

    public init(_ document: JSONDocument, at index: Int) {
        precondition(document.tokens.indices.contains(index), "no such token")
        (self.document, self.index) = (document, index)
    }

    public var kind: JSONToken.Kind { document.tokens[index].kind }
    public var isNull: Bool { kind == .null }
    /// The bytes exactly as sent.
    public var raw: ArraySlice<UInt8> { document.raw(index) }
    public var path: String { document.path(to: index) }

    /// The characters of a string; nil for any other value.
    public var string: String? { kind == .string ? document.string(index) : nil }

    public var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// A number as sent; nil for any other value.
    public var number: String? { kind == .number ? String(decoding: raw, as: UTF8.self) : nil }
    /// A number that is written as an integer and fits.
    public var int: Int? { number.flatMap { Int($0) } }
    public var double: Double? { number.flatMap { Double($0) } }

    /// An object's member, or nil.
    public subscript(_ name: String) -> JSONCursor? {
        document.member(name, of: index).map { JSONCursor(document, at: $0) }
    }

    /// An array's element, or nil.
    public subscript(_ position: Int) -> JSONCursor? {
        let all = kind == .array ? document.children(of: index) : []
        return all.indices.contains(position) ? JSONCursor(document, at: all[position]) : nil
    }

    /// An array's elements; none for any other value.
    public var elements: [JSONCursor] {
        kind == .array ? document.children(of: index).map { JSONCursor(document, at: $0) } : []
    }

    /// An object's members in the order sent; none for any other value.
    public var members: [(name: String, value: JSONCursor)] {
        guard kind == .object else { return [] }
        return document.children(of: index).map { (document.string($0), JSONCursor(document, at: $0 + 1)) }
    }
}
