import Foundation
import HL7
import Seeded
import Testing

/// Any bytes end in a message whose every part lies within it, or in an error with a place. A failure prints its seed.
@Suite struct HL7FuzzTests {
    static let seeds: [[UInt8]] =
        [
            "MSH|^~\\&|LAB^1.2^ISO|RBD|||20180201093000+0000||ORU^R01|M1|P|2.4||||||UNICODE UTF-8\rPID|||H1^^^RBD^MR~2&3||A\\T\\B^é\rOBX|1|FT|c^d||x\\.br\\y\\X41\\\r",
            "\u{FEFF}FHS|^~\\&|f\r\nBHS|^~\\&|b\r\nMSH|^~\\&|a\r\nZU1|\"\"||\r\nMSH|^|b\rPID|~\rBTS|2\r\nFTS|1\r\n",
            "\u{0B}MSH$%~\\&$a$b\rEVN$$2018\r\u{1C}\r",
        ].map { Array($0.utf8) } + [
            [0xFF, 0xFE] + Array("MSH|^~\\&|LAB\rPID|1".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        ]

    private static let words =
        [
            "|", "^", "~", "\\", "&", "\r", "\n", "\u{0B}", "\u{1C}\r", "MSH|", "\rMSH|^~\\&|", "\rBTS|",
            "\"\"", "\\X0D\\", "\\.sp9\\", "8859/15", "é",
        ]
        .map { Array($0.utf8) } + [[0], [0xFF], [0xFE, 0xFF], [0xC3], [0xED, 0xA0, 0x80]]

    static func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var out = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !out.isEmpty {
            let at = Int.random(in: 0..<out.count, using: &random)
            let to = min(out.count, at + Int.random(in: 0...24, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: out[at] = UInt8.random(in: 0...255, using: &random)
            case 1: out.removeSubrange(at..<to)
            case 2: out.insert(contentsOf: words.randomElement(using: &random)!, at: at)
            case 3: out.replaceSubrange(at..<to, with: words.randomElement(using: &random)!)
            case 4: out.insert(contentsOf: out[at..<to], at: Int.random(in: 0...out.count, using: &random))
            default: out[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return out
    }

    @Test(arguments: 0..<10) func mutationsAreReadSoundlyOrRefused(_ block: UInt64) {
        for number in 0..<1_000 {
            let seed = block * 1_000 + UInt64(number)
            var random = SplitMix64(seed: seed)
            let input = Self.mutated(Self.seeds[number % Self.seeds.count], &random)
            #expect(HL7Soundness.fault(input) == nil, "seed \(seed)")
        }
    }

    /// Inputs that once failed, and those the fuzzer starts from.
    @Test func keptInputsAreReadSoundlyOrRefused() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../tools/fuzz/seeds/hl7")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count >= 5)
        for name in names {
            let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
            #expect(HL7Soundness.fault(bytes) == nil, "\(name)")
        }
    }
}
