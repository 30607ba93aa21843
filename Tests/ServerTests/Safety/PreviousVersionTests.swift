import Intake
import Testing
import Wire

@testable import Server

/// "Previously X" against a plain list of what was sent: over several chapters of the record, so that what is looked for lies among the
/// changes, in the keyframe, or in the log alone.
@Suite struct PreviousVersionTests {
    private struct Sent {
        var position: Int
        var asserted: Int
        var isRetracted: Bool
        var isCorrected: Bool
        var value: Int
    }

    private struct Dice {
        private var state: UInt64

        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    private static func json(_ id: Int, _ sent: Sent, _ dice: inout Dice) -> String {
        let status = sent.isRetracted ? "entered-in-error" : sent.isCorrected ? "corrected" : "final"
        // Most keep their category, some wander.
        let kind = dice.below(6) == 0 ? "vital-signs" : "laboratory"
        let system = "http://terminology.hl7.org/CodeSystem/observation-category"
        let words = (0..<300).map { _ in String(dice.below(1 << 20), radix: 36) }.joined(separator: " ")
        let minute = (sent.asserted < 10_000 ? "0" : "") + String(sent.asserted / 1000)
        let fraction = String(1000 + sent.asserted % 1000).dropFirst()
        return #"{"resourceType":"Observation","id":"o\#(id)","status":"\#(status)","#
            + #""meta":{"lastUpdated":"2017-12-31T00:\#(minute):00.\#(fraction)Z"},"#
            + #""category":[{"coding":[{"system":"\#(system)","code":"\#(kind)"}]}],"#
            + #""subject":{"reference":"Patient/H1"},"code":{"text":"Potassium"},"note":[{"text":"\#(words)"}],"#
            + #""valueInteger":\#(sent.value)}"#
    }

    /// What the last version in force said before, in the words of decision 7, A2.
    private static func expected(_ history: [Sent]) -> (position: Int, value: Int)? {
        var inForce: [Sent] = []
        for sent in history where inForce.last.map({ $0.asserted <= sent.asserted }) ?? true {
            inForce.append(sent)
        }
        guard let last = inForce.popLast(), last.isCorrected, !last.isRetracted else { return nil }
        for earlier in inForce.reversed() {
            if earlier.isRetracted { return nil }
            if earlier.value != last.value { return (earlier.position, earlier.value) }
        }
        return nil
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func previouslyIsWhatThePlainListSays(seed: UInt64) throws {
        let store = try SafetyStore()
        try store.admit()
        var dice = Dice(seed: seed)
        var histories: [Int: [Sent]] = [:]
        var (found, looked) = (0, 0)
        for number in 1...90 {
            let id = dice.below(6)
            var sent = Sent(
                position: 0, asserted: number * 500, isRetracted: dice.below(25) == 0,
                isCorrected: dice.below(2) == 0, value: dice.below(3))
            if dice.below(8) == 0 { sent.asserted -= dice.below(number * 500) }
            try store.send(Self.json(id, sent, &dice))
            sent.position = Int(try store.temporary.store.log.head.position.value)
            histories[id, default: []].append(sent)
            guard number % 6 == 0 || number > 84 else { continue }
            // As of now, and as of something before.
            let then = dice.below(2) == 0 ? sent.position : 1 + dice.below(sent.position)
            let items = try store.view(at: "#\(then)").items("Observation")
            for (id, history) in histories {
                let expected = Self.expected(history.filter { $0.position <= then })
                let item = items.first { $0["item"]?.string == "Observation/RBD.o\(id)" }
                let previous = item?["previous"]
                looked += 1
                if expected != nil { found += 1 }
                #expect(
                    previous?["position"]?.int == expected?.position,
                    "seed \(seed), #\(then), o\(id)")
                #expect(
                    previous?["resource"]?["valueInteger"]?.int == expected?.value,
                    "seed \(seed), #\(then), o\(id)")
            }
        }
        #expect(found > 10 && found < looked, "seed \(seed): \(found) of \(looked)")
    }

    /// However often the source said the same again: within one chapter of the record, and over many.
    @Test(arguments: [(64, 0), (65, 0), (200, 0), (64, 2000), (65, 2000), (300, 2000)])
    func moreThanSixtyFourVersionsThatSayTheSame(count: Int, noteBytes: Int) throws {
        let store = try SafetyStore()
        try store.admit()
        var dice = Dice(seed: UInt64(count + noteBytes))
        func line(_ number: Int, _ status: String, _ value: Int) -> String {
            var note = "again \(number)"
            while note.utf8.count < noteBytes { note += " " + String(dice.below(1 << 30), radix: 36) }
            return SafetyStore.observation(
                #""status":"\#(status)","note":[{"text":"\#(note)"}],"valueInteger":\#(value)"#)
        }
        try store.send(line(0, "final", 68), name: "first.json")
        let first = Int(try store.temporary.store.log.head.position.value)
        let again = (1...count).map { line($0, "corrected", 42) }
        let summary = try store.temporary.ingest("RBD", again.joined(separator: "\n"), name: "again.ndjson")
        #expect(summary.accepted == count)
        let item = try #require(try store.view().items("Observation").first)
        #expect(item["resource"]?["valueInteger"]?.int == 42)
        #expect(item["previous"]?["resource"]?["valueInteger"]?.int == 68)
        #expect(item["previous"]?["position"]?.int == first)
        // Where nothing else was ever said, nothing is shown, however many say so.
        try store.send(
            line(0, "corrected", 42).replacing("\"id\":\"o\"", with: "\"id\":\"p\""), name: "other.json")
        let items = try store.view().items("Observation")
        #expect(items.count == 2 && items[1]["previous"] == nil)
    }
}
