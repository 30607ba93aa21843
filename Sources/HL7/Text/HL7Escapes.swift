/// Escape sequences (chapter 2, "Use of escape sequences in text fields"): between two escape characters.
struct HL7Escapes {
    private let separators: HL7Separators

    init(_ separators: HL7Separators) { self.separators = separators }

    /// Spaces or lines that one formatting command may ask for.
    private static let maximumRun = 20

    /// The bytes with every sequence that is known resolved. One that is not stays as it is: nothing of a text is lost.
    func resolved(_ bytes: ArraySlice<UInt8>, _ escape: UInt8) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var i = bytes.startIndex
        while i < bytes.endIndex {
            guard bytes[i] == escape else {
                out.append(bytes[i])
                i += 1
                continue
            }
            guard let end = bytes[(i + 1)...].firstIndex(of: escape), append(bytes[i + 1..<end], to: &out)
            else {
                out.append(escape)
                i += 1
                continue
            }
            i = end + 1
        }
        return out
    }

    /// - Returns: false where the sequence is not known, and nothing was appended.
    private func append(_ sequence: ArraySlice<UInt8>, to out: inout [UInt8]) -> Bool {
        guard let first = sequence.first else { return false }
        let rest = sequence.dropFirst()
        switch first {
        case UInt8(ascii: "X"): return appendHex(rest, to: &out)
        case UInt8(ascii: "."): return appendFormat(rest, to: &out)
        default: break
        }
        guard rest.isEmpty else { return false }
        let character: UInt8?
        switch first {
        case UInt8(ascii: "F"): character = separators.field
        case UInt8(ascii: "S"): character = separators.component
        case UInt8(ascii: "T"): character = separators.subcomponent
        case UInt8(ascii: "R"): character = separators.repetition
        case UInt8(ascii: "E"): character = separators.escape
        case UInt8(ascii: "P"): character = UInt8(ascii: "#")
        // Highlighting begins and ends.
        case UInt8(ascii: "H"), UInt8(ascii: "N"): return true
        default: return false
        }
        guard let character else { return false }
        out.append(character)
        return true
    }

    /// Pairs of hexadecimal digits: bytes of the message's character set.
    private func appendHex(_ digits: ArraySlice<UInt8>, to out: inout [UInt8]) -> Bool {
        guard !digits.isEmpty, digits.count.isMultiple(of: 2), digits.allSatisfy({ Self.hex($0) != nil })
        else {
            return false
        }
        var i = digits.startIndex
        while i < digits.endIndex {
            out.append(Self.hex(digits[i])! << 4 | Self.hex(digits[i + 1])!)
            i += 2
        }
        return true
    }

    private static func hex(_ c: UInt8) -> UInt8? {
        switch c {
        case 0x30...0x39: c - 0x30
        case 0x41...0x46: c - 0x37
        case 0x61...0x66: c - 0x57
        default: nil
        }
    }

    /// `.br` and its like: what a plain text can show of them.
    private func appendFormat(_ command: ArraySlice<UInt8>, to out: inout [UInt8]) -> Bool {
        let name = command.prefix { $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x41 && $0 <= 0x5A }
        let count = command[name.endIndex...].reduce(into: 0) { value, c in
            if (0x30...0x39).contains(c), value <= Self.maximumRun { value = value * 10 + Int(c - 0x30) }
        }
        let run = min(max(1, count), Self.maximumRun)
        switch String(decoding: name, as: UTF8.self).lowercased() {
        case "br", "ce": out.append(HL7Bytes.lf)
        case "sp": out.append(contentsOf: repeatElement(HL7Bytes.lf, count: run))
        case "sk": out.append(contentsOf: repeatElement(0x20, count: run))
        case "in", "ti", "fi", "nf": break
        default: return false
        }
        return true
    }
}
