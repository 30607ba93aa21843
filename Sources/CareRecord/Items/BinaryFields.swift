import Wire

/// The fields that the binary forms of this module share: optionals as a u8 0 or 1 before the value, counted
/// lists.
extension ByteWriter {
    mutating func optional(_ value: String?) {
        u8(value == nil ? 0 : 1)
        if let value { string(value) }
    }

    mutating func optional(_ value: Instant?) {
        u8(value == nil ? 0 : 1)
        if let value { i64(value.microseconds) }
    }

    mutating func strings(_ values: [String]) {
        varint(values.count)
        for value in values { string(value) }
    }

    mutating func flag(_ value: Bool) { u8(value ? 1 : 0) }
}

extension ByteReader {
    mutating func version(_ expected: UInt8, of what: String) throws(WireError) {
        let found = try u8()
        guard found == expected else {
            throw WireError(.invalid, at: 0, what: "\(what) of unknown version \(found)")
        }
    }

    mutating func flag() throws(WireError) -> Bool {
        switch try u8() {
        case 0: return false
        case 1: return true
        default: throw WireError(.invalid, at: offset, what: "flag")
        }
    }

    mutating func optionalString() throws(WireError) -> String? {
        try flag() ? try string() : nil
    }

    mutating func optionalInstant() throws(WireError) -> Instant? {
        try flag() ? Instant(microseconds: try i64()) : nil
    }

    mutating func category() throws(WireError) -> Category {
        guard let category = Category(rawValue: try u8()) else {
            throw WireError(.invalid, at: offset, what: "category")
        }
        return category
    }

    mutating func strings() throws(WireError) -> [String] {
        let count = try length()
        var out: [String] = []
        for _ in 0..<count { out.append(try string()) }
        return out
    }
}
