extension JSONScanner {
    /// The fault with everything a person needs to find it. Only here are strings made.
    func report(_ fault: JSONFault, in bytes: [UInt8]) -> JSONError {
        let (line, column) = JSONDocument.location(of: fault.at, in: bytes)
        return JSONError(
            code: fault.code, reason: reason(fault, in: bytes), offset: fault.at, line: line, column: column,
            path: path(in: bytes))
    }

    private func reason(_ fault: JSONFault, in bytes: [UInt8]) -> String {
        switch fault.code {
        case .empty: return "there is nothing in it"
        case .truncated: return "the document ends before it is complete: was it cut off?"
        case .charset: return Self.charsetReason(fault.at, in: bytes)
        case .unexpected: return Self.unexpectedReason(fault.at, in: bytes)
        case .badEscape: return "this escape is not one of JSON's, or half a surrogate pair"
        case .badNumber: return "this number is not written as JSON writes numbers"
        case .controlCharacter: return "a control character inside a string must be escaped"
        case .duplicateMember:
            let name = tokens.last.map { String(decoding: bytes[$0.inner], as: UTF8.self) } ?? ""
            return "the member \"\(name.prefix(64))\" is there twice: readers differ on which one counts"
        case .tooDeep: return "more than \(limits.depth) objects and arrays inside one another"
        case .tooLarge: return "\(bytes.count) bytes: at most \(limits.bytes) are taken"
        case .trailingBytes: return "something follows the end of the document"
        }
    }

    private static func charsetReason(_ offset: Int, in bytes: [UInt8]) -> String {
        let start = Array(bytes.prefix(2))
        if offset == 0, start == [0xFE, 0xFF] || start == [0xFF, 0xFE] || start.contains(0) {
            return "this is UTF-16 or UTF-32: send UTF-8"
        }
        let byte = bytes.indices.contains(offset) ? String(bytes[offset], radix: 16, uppercase: true) : "?"
        return "byte 0x\(byte) is not UTF-8 (ISO 8859-1 or Windows-1252?): send UTF-8"
    }

    private static func unexpectedReason(_ offset: Int, in bytes: [UInt8]) -> String {
        guard bytes.indices.contains(offset) else { return "the document ends too soon" }
        let byte = bytes[offset]
        if offset == bytes.firstIndex(where: { $0 > 0x20 }) {
            if byte == UInt8(ascii: "<") { return "this looks like XML: send JSON" }
            if bytes.starts(with: [0x1F, 0x8B]) { return "this is gzip: unpack it first" }
            if bytes.starts(with: Array("MSH".utf8)) { return "this looks like HL7 v2, not FHIR JSON" }
        }
        if byte > 0x20, byte < 0x7F { return "\"\(Character(Unicode.Scalar(byte)))\" cannot stand here" }
        return "byte 0x\(String(byte, radix: 16, uppercase: true)) cannot stand here"
    }

    /// The path of the value being read.
    private func path(in bytes: [UInt8]) -> String {
        var out = rootName(in: bytes)
        for frame in frames {
            if !frame.isObject {
                out += "[\(max(0, frame.count - 1))]"
            } else if frame.key >= 0 {
                out += "." + JSONDocument.name(tokens[frame.key], in: bytes)
            }
        }
        return out
    }

    private func rootName(in bytes: [UInt8]) -> String {
        guard tokens.count > 2, tokens[0].kind == .object else { return "$" }
        var i = 1
        while i + 1 < tokens.count, tokens[i].kind == .key {
            let value = tokens[i + 1]
            if value.kind == .string, JSONDocument.name(tokens[i], in: bytes) == "resourceType" {
                return JSONDocument.name(value, in: bytes)
            }
            // An open container has no end yet: what follows is inside it.
            guard value.next > i else { break }
            i = Int(value.next)
        }
        return "$"
    }
}
