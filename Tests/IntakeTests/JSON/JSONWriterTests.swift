import Intake
import Testing
import Wire

@Suite struct JSONWriterTests {
    /// As the writer's description has it, byte by byte.
    private static func quoted(_ text: [UInt8]) -> [UInt8] {
        var out = [UInt8(ascii: "\"")]
        for byte in text {
            switch byte {
            case 0x22, 0x5C: out += [0x5C, byte]
            case 0x0A: out += Array("\\n".utf8)
            case 0x0D: out += Array("\\r".utf8)
            case 0x09: out += Array("\\t".utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                out += Array(("\\u00" + (digits.count < 2 ? "0" : "") + digits).utf8)
            default: out.append(byte)
            }
        }
        return out + [UInt8(ascii: "\"")]
    }

    /// Each byte at each place of texts of every length that a look at eight bytes can end in.
    @Test func everyByteIsEscapedWhereverItStands() {
        let edges: [UInt8] = [
            0, 9, 10, 13, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xC3, 0xFF,
        ]
        for count in 0...19 {
            for place in 0..<max(1, count) {
                for byte in edges {
                    var text = [UInt8](repeating: UInt8(ascii: "x"), count: count)
                    if count > 0 { text[place] = byte }
                    var out: [UInt8] = []
                    JSONWriter.appendQuoted(text, to: &out)
                    #expect(out == Self.quoted(text))
                    var inside: [UInt8] = []
                    inside.append(room: 6 * count) { room in
                        text.withUnsafeBytes { JSONWriter.append(inside: $0, to: &room) }
                    }
                    #expect(inside == Self.quoted(text).dropFirst().dropLast())
                }
            }
        }
    }

    @Test func numbersOfEitherSign() {
        var writer = JSONWriter()
        writer.array { w in
            w.int(Int.min)
            w.int(-1)
            w.int(0)
            w.int(UInt8.max)
            w.int(UInt64.max)
        }
        #expect(String(decoding: writer.finish(), as: UTF8.self) == "[\(Int.min),-1,0,255,\(UInt64.max)]")
    }
}
