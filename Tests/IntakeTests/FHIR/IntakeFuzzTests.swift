import CareRecord
import Intake
import Seeded
import Testing

/// Mutated input never crashes, never hangs, and what is taken stays sound. A failure prints its seed.
@Suite struct IntakeFuzzTests {
    static let seeds: [[UInt8]] = [
        IntakeFixture.bundle([
            FHIRPatientTests.full,
            ##"""
            {"resourceType":"Observation","id":"o1","meta":{"lastUpdated":"2018-02-01T09:30:00Z"},"status":"final",
             "category":[{"coding":[{"system":"s","code":"laboratory"}]}],"code":{"coding":[{"code":"1"}]},
             "subject":{"reference":"urn:uuid:u0"},"specimen":{"reference":"#s"},"effectiveDateTime":"2018-02",
             "contained":[{"resourceType":"Specimen","id":"s","type":{"text":"blood"}}],
             "valueQuantity":{"value":-1.50e-3},"note":[{"text":"\u00e9\ud83d\ude00 é😀\n"}]}
            """##,
            #"""
            {"resourceType":"Condition","subject":{"reference":"Patient/H100/_history/2"},"recorder":
             {"reference":"Practitioner?identifier=a|b%20"},"generalPractitioner":[],"contact":[{}]}
            """#,
        ]),
        #"""
        {"resourceType":"Bundle","id":"d","type":"document","entry":[{"fullUrl":"http://a/fhir/Patient/1","resource":
         {"resourceType":"Patient","id":"1","link":[{"other":{"reference":"Patient/2"}}],"text":{"div":"x"}}},
         {"request":{"method":"DELETE","url":"Flag/1"}}]}
        """#,
        #"""
        {"resourceType":"Bundle","type":"batch","timestamp":"2018-02-01T09:30:00Z","identifier":{"value":"v"},"entry":[
         {"request":{"method":"DELETE","url":"Flag/1"}},{"fullUrl":"http://a/fhir/Patient/1","request":{"method":"PUT",
         "url":"Patient/1"},"resource":{"resourceType":"Patient","id":"1","generalPractitioner":[{"display":"x"}]}}]}
        """#,
    ].map { Array($0.utf8) }

    static let words =
        [
            "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "1e9", "\"reference\":\"Patient/9\"",
            "\"id\":\"1\"", "\\u",
            "\\ud800", "\u{0}", "é", "\"resourceType\":\"Patient\"", "\"contained\":", "#", "/", "?",
            "urn:uuid:u0", "\n",
            "\"contact\":[],", "Type", "..",
        ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80]]

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

    @Test(arguments: 0..<20) func mutationsAreTakenSoundlyOrRefused(_ block: UInt64) throws {
        for number in 0..<1_000 {
            let seed = block * 1_000 + UInt64(number)
            var random = SplitMix64(seed: seed)
            let input = Self.mutated(Self.seeds[number % Self.seeds.count], &random)
            switch IntakeFixture.hospital.message(input) {
            case .failure(let reject):
                #expect(
                    !reject.reason.isEmpty && (0...input.count).contains(reject.offset ?? 0), "seed \(seed)")
            case .success(let draft):
                #expect(draft.raw == input && !draft.subjects.isEmpty, "seed \(seed)")
                #expect(try MessageMeta(decoding: draft.meta.encoded) == draft.meta, "seed \(seed)")
                for item in draft.items { try check(item, draft, seed) }
            }
            _ = FHIRFile(input).messages
        }
    }

    private func check(_ item: ItemDraft, _ draft: MessageDraft, _ seed: UInt64) throws {
        #expect(try ItemMeta(decoding: item.meta.encoded) == item.meta, "seed \(seed)")
        guard item.meta.operation != .delete else { return }
        let content = try item.bytes(of: draft.raw)
        let root = try JSONDocument(content).root
        #expect(root["id"]?.string == item.meta.daybookID, "seed \(seed)")
        var left = content
        for split in item.meta.splits.reversed() { left.removeSubrange(split.range) }
        let rest = try JSONDocument(left).root
        if !item.meta.splits.isEmpty {
            #expect(rest["generalPractitioner"] == nil && rest["contact"] == nil, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<5) func anythingIsScannedSafely(_ block: UInt64) {
        let alphabet = Array("{}[]\",:\\u0d8e1-+.tfn \n".utf8) + [0xC3, 0xA9, 0x00, 0xFF]
        for number in 0..<2_000 {
            var random = SplitMix64(seed: block * 10_000 + UInt64(number))
            let count = Int.random(in: 0...60, using: &random)
            let input = (0..<count).map { _ in alphabet.randomElement(using: &random)! }
            if let document = try? JSONDocument(input) { _ = document.path(to: document.tokens.count - 1) }
        }
    }
}
