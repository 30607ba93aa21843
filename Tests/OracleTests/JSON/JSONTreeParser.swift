/// A plain recursive reader of JSON (RFC 8259), for the tests only: nothing of the scanner it checks.
struct JSONTreeParser {
    private let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func value(depth: Int) throws -> JSONTree {
        skipSpace()
        guard depth < 200, at < bytes.count else { throw failure("a value") }
        switch bytes[at] {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default:
            let start = at
            while at < bytes.count, "+-0123456789.eE".utf8.contains(bytes[at]) { at += 1 }
            guard at > start else { throw failure("a value") }
            return .number(String(decoding: bytes[start..<at], as: UTF8.self))
        }
    }

    mutating func end() throws {
        skipSpace()
        if at != bytes.count { throw failure("the end") }
    }

    private mutating func object(_ depth: Int) throws -> JSONTree {
        at += 1
        var members: [JSONTree.Member] = []
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            let name = try string()
            guard take(":") else { throw failure("a colon") }
            members.append(.init(name: name, value: try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw failure("a brace") }
        return .object(members)
    }

    private mutating func array(_ depth: Int) throws -> JSONTree {
        at += 1
        var elements: [JSONTree] = []
        if take("]") { return .array([]) }
        repeat { elements.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw failure("a bracket") }
        return .array(elements)
    }

    private mutating func string() throws -> String {
        guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw failure("a string") }
        at += 1
        var units: [UInt8] = []
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            if bytes[at] == UInt8(ascii: "\\") {
                units += Array(String(try escape()).utf8)
            } else {
                units.append(bytes[at])
                at += 1
            }
        }
        guard at < bytes.count else { throw failure("a quote") }
        at += 1
        return String(decoding: units, as: UTF8.self)
    }

    private mutating func escape() throws -> Character {
        at += 1
        guard at < bytes.count else { throw failure("an escape") }
        let code = bytes[at]
        at += 1
        switch code {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"):
            var units = [try hex()]
            if units[0] & 0xFC00 == 0xD800, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\") {
                at += 2
                units.append(try hex())
            }
            return Character(String(decoding: units, as: UTF16.self))
        default: return Character(UnicodeScalar(code))
        }
    }

    private mutating func hex() throws -> UInt16 {
        guard at + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
        else { throw failure("four hex digits") }
        at += 4
        return unit
    }

    private mutating func word(_ word: String, _ value: JSONTree) throws -> JSONTree {
        guard bytes[at...].starts(with: word.utf8) else { throw failure(word) }
        at += word.utf8.count
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) { at += 1 }
    }

    private func failure(_ wanted: String) -> JSONTree.ParseError {
        let tail = String(decoding: bytes[min(at, bytes.count)...].prefix(40), as: UTF8.self)
        return JSONTree.ParseError(description: "not JSON at \(at): wanted \(wanted), found \(tail)")
    }
}
