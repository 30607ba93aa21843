import HL7
import Seeded
import Testing

/// Random messages, every part of every field held against a reading by splitting. A failure prints its seed.
@Suite struct MessageModelTests {
    private static let alphabet = Array("abcXYZ019 .-\"é|||^^~~&&")
    private static let ends = ["\r", "\n", "\r\n", "\r\r", "\n \r"]

    static func text(_ random: inout SplitMix64) -> String {
        var out = #"MSH|^~\&|"# + field(&random)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            out += ends.randomElement(using: &random)!
            out += ["PID", "OBX", "ZU1", "DG1"].randomElement(using: &random)!
            for _ in 0..<Int.random(in: 0...8, using: &random) { out += "|" + field(&random) }
        }
        return out + (Bool.random(using: &random) ? ends.randomElement(using: &random)! : "")
    }

    private static func field(_ random: inout SplitMix64) -> String {
        String(
            (0..<Int.random(in: 0...14, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
    }

    @Test(arguments: 0..<10) func everyPartIsWhereSplittingPutsIt(_ block: UInt64) throws {
        for number in 0..<300 {
            var random = SplitMix64(seed: block * 300 + UInt64(number))
            let text = Self.text(&random)
            let message = try HL7Message(Array(text.utf8))
            let naive = NaiveMessage(text)
            let note = "seed \(block * 300 + UInt64(number)): \(text.debugDescription)"
            try #require(message.segmentCount == naive.segments.count, "\(note)")
            for (segment, fields) in zip(message.segments, naive.segments) { compare(segment, fields, note) }
        }
    }

    private func compare(_ segment: HL7Segment, _ fields: [[[[String]]]], _ note: String) {
        let shift = segment.isNamed("MSH") ? 1 : 0
        #expect(
            segment.name == fields[0][0][0][0] && segment.lastField == fields.count - 1 + shift, "\(note)")
        for (number, repetitions) in fields.enumerated().dropFirst() where number + shift != 2 || shift == 0 {
            let field = segment.field(number + shift)
            let found = field.repetitions.map { repetition in
                repetition.components.map { component in
                    (1...max(1, count(component))).map { raw(component.subcomponent($0)) }
                }
            }
            let isAbsent = repetitions == [[[""]]]
            let expected = isAbsent ? [] : repetitions.map { $0 == [[""]] ? [] : $0 }
            #expect(found == expected, "\(note)")
            for (c, subcomponents) in repetitions[0].enumerated() {
                let component = field.component(c + 1)
                #expect(raw(component) == subcomponents.joined(separator: "&"), "\(note)")
                #expect(raw(component.subcomponent(1)) == subcomponents[0], "\(note)")
                #expect(component.subcomponent(subcomponents.count + 1).isAbsent, "\(note)")
            }
            #expect(field.component(repetitions[0].count + 1).isAbsent, "\(note)")
        }
    }

    private func count(_ component: HL7Value) -> Int { component.bytes.count { $0 == UInt8(ascii: "&") } + 1 }
    private func raw(_ value: HL7Value) -> String { String(decoding: value.bytes, as: UTF8.self) }
}
