import CareRecord
import Seeded
import Testing
import Wire

@testable import Projections

private struct Expected: Equatable {
    var key: String
    var position: UInt64
    var content: [UInt8]
    var isTombstone: Bool
}

/// A seeded history of one subject, and what a fold of its whole list says of any position.
private struct History {
    var segments: [Segment] = []
    var events:
        [(position: UInt64, items: [(key: String, isMoved: Bool, isTombstone: Bool, content: [UInt8])])] = []

    init(seed: UInt64, events count: Int, items: Int, contentBytes: ClosedRange<Int>) {
        var random = SplitMix64(seed: seed)
        var position: UInt64 = 0
        for _ in 0..<count {
            position += UInt64.random(in: 1...5, using: &random)
            var segment = Segment(
                mark: EventMark(position: position, recordedAt: Int64(position) * 1000 - 7), slot: 3)
            var keys = Set<Int>()
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                keys.insert(Int.random(in: 0..<items, using: &random))
            }
            let names = keys.map { "Item.\($0)" }.sorted(by: Self.precedes)
            var changed: [(key: String, isMoved: Bool, isTombstone: Bool, content: [UInt8])] = []
            for (index, name) in names.enumerated() {
                let isMoved = Int.random(in: 0..<20, using: &random) == 0
                let isTombstone = !isMoved && Int.random(in: 0..<15, using: &random) == 0
                let bytes = Int.random(in: contentBytes, using: &random)
                let content = isMoved || isTombstone ? [] : content(bytes, number: position, &random)
                let meta = ItemMeta(
                    operation: isTombstone ? .enteredInError : .upsert, type: "Observation", sourceID: "x",
                    daybookID: name, category: Self.category(of: name)
                ).encoded
                segment.append(
                    category: Self.category(of: name).rawValue, itemIndex: index + 1, isMoved: isMoved,
                    meta: meta[...], content: content[...])
                changed.append((name, isMoved, isTombstone, content))
            }
            segments.append(segment)
            events.append((position, changed))
        }
    }

    func state(at position: UInt64) -> [Expected] {
        var now: [String: Expected] = [:]
        for event in events where event.position <= position {
            for item in event.items {
                now[item.key] =
                    item.isMoved
                    ? nil
                    : Expected(
                        key: item.key, position: event.position, content: item.content,
                        isTombstone: item.isTombstone)
            }
        }
        return now.values.sorted { Self.precedes($0.key, $1.key) }
    }

    private static func category(of name: String) -> CareRecord.Category {
        [.observations, .encounters, .diagnoses][name.utf8.count % 3]
    }

    private static func precedes(_ a: String, _ b: String) -> Bool {
        let (x, y) = (category(of: a), category(of: b))
        return x == y ? Array(a.utf8).lexicographicallyPrecedes(Array(b.utf8)) : x < y
    }

    /// Half of them alike but for a few runs of bytes, as versions of a resource are; half quite new.
    private func content(_ count: Int, number: UInt64, _ random: inout SplitMix64) -> [UInt8] {
        guard Bool.random(using: &random) else {
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        for _ in 0..<Int.random(in: 0...6, using: &random) where !content.isEmpty {
            let at = Int.random(in: 0..<content.count, using: &random)
            let end = min(content.count, at + Int.random(in: 0...20, using: &random))
            let new = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                UInt8.random(in: 0...3, using: &random)
            }
            content.replaceSubrange(at..<end, with: new)
        }
        return content
    }
}

@Suite struct ChapterFoldTests {
    private static let shapes: [(items: Int, bytes: ClosedRange<Int>)] = [
        (3, 0...40), (40, 0...900), (200, 200...400), (2, 20_000...50_000),
    ]

    /// Whatever the batches, every position reads as the naive fold, and the rows left are the same.
    @Test(arguments: 0..<24) func foldsLikeTheWholeList(seed: Int) throws {
        let shape = Self.shapes[seed % Self.shapes.count]
        let history = History(
            seed: UInt64(seed), events: 220, items: shape.items, contentBytes: shape.bytes)
        var random = SplitMix64(seed: UInt64(seed) &+ 1000)
        var whole = PlainRows()
        try whole.fold(history.segments)
        var batched = PlainRows()
        var rest = history.segments[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...([1, 3, 30, 100].randomElement(using: &random)!), using: &random)
            try batched.fold(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            let head = rest.first.map { $0.mark.position - 1 } ?? UInt64.max
            try check(batched, history, at: min(head, history.events.last!.position), seed: seed)
        }
        #expect(batched.rows == whole.rows, "seed \(seed)")
        for _ in 0..<60 {
            let at = UInt64.random(in: 0...history.events.last!.position + 1, using: &random)
            try check(whole, history, at: at, seed: seed)
        }
    }

    private func check(_ rows: PlainRows, _ history: History, at position: UInt64, seed: Int) throws {
        let (buffers, versions) = try rows.read(at: position)
        let found = try versions.map { version in
            Expected(
                key: try ItemMeta(decoding: buffers.bytes[version.meta]).daybookID,
                position: version.position.value,
                content: Array(buffers.bytes[version.content]), isTombstone: version.isTombstone)
        }
        #expect(found == history.state(at: position), "seed \(seed), position \(position)")
        #expect(versions.allSatisfy { $0.recordedAt.microseconds == Int64($0.position.value) * 1000 - 7 })
    }

    @Test func layoutOfATailIsAFunctionOfItsLength() {
        #expect(TailLayout.rows(count: 0).isEmpty)
        #expect(TailLayout.rows(count: 75) == [0..<64, 64..<72, 72..<73, 73..<74, 74..<75])
        for count in 0...700 {
            let rows = TailLayout.rows(count: count)
            #expect(rows.reduce(0) { $0 + $1.count } == count)
            #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(rows.count <= 21)
        }
        #expect(TailLayout.firstRewritten(from: 7, to: 8) == 0)
        #expect(TailLayout.firstRewritten(from: 8, to: 15) == 8)
        #expect(TailLayout.firstRewritten(from: 70, to: 72) == 64)
    }

    @Test func chaptersCloseWhenChangesOutgrowTheKeyframe() {
        #expect(!ClosingRule.closes(changed: ClosingRule.floorBytes, keyframe: 100))
        #expect(ClosingRule.closes(changed: ClosingRule.floorBytes + 1, keyframe: 100))
        #expect(!ClosingRule.closes(changed: 90_000, keyframe: 90_000))
        #expect(ClosingRule.closes(changed: 90_001, keyframe: 90_000))
    }

    /// Bytes of any kind end in an error, never in a trap.
    @Test(arguments: 0..<400) func hostileFramesAreRefused(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let history = History(seed: UInt64(seed), events: 12, items: 4, contentBytes: 0...90)
        let keyframe = try Keyframe(FrameWriter.keyframe(history.segments[0]))
        var frames = ChangeFrames(keyframe: seed % 2 == 0 ? keyframe : nil)
        var frame = try frames.frame(history.segments[1...])
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            frame[Int.random(in: 0..<frame.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { frame.removeLast(Int.random(in: 0..<frame.count, using: &random)) }
        do throws(WireError) {
            let bytes = keyframe.bytes + frame
            _ = try [UInt8](capacity: bytes.count + Int.random(in: 0...2000, using: &random)) {
                (out: inout OutputSpan<UInt8>) throws(WireError) in
                for byte in bytes { out.append(byte) }
                _ = try RecordAssembly.state(
                    &out, keyframeBytes: keyframe.bytes.count, frames: [keyframe.bytes.count..<bytes.count],
                    through: Position(UInt64.max))
            }
        } catch {}
        do throws(WireError) {
            var state = ChapterState(keyframe: keyframe)
            for segment in try ChangeFrames.segments(frame, slot: 1) { try state.apply(segment) }
            _ = try state.nextKeyframe()
        } catch {}
    }
}
