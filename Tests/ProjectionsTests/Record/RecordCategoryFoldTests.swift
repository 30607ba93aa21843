import CareRecord
import Testing
import Wire

@testable import Projections

/// Rows as folding leaves them, unzipped and unsealed, read as the store's are.
private struct PlainRows {
    var rows: [UInt64: FoldedRow] = [:]

    func openChapter() -> OpenChapter {
        let ordered = rows.keys.sorted()
        let start = ordered.last { rows[$0]!.header.kind == .chapter }!
        let chapter = rows[start]!
        let tail = ordered.filter { $0 > start }.map { first in
            (first: first, header: rows[first]!.header, frame: rows[first]!.frames[0].bytes)
        }
        return OpenChapter(
            first: start, slot: chapter.header.slot, keyframe: chapter.frames[0], tail: tail)
    }

    var newest: RowHeader? { rows.keys.max().map { rows[$0]!.header } }

    mutating func fold(_ segments: [Segment]) throws {
        let chapterOpen = rows.isEmpty ? nil : openChapter()
        let fold = CategoryFold<WireError>(
            newest: newest, load: { () throws(WireError) in chapterOpen! }, damaged: { $0 })
        let changes = try fold.fold(segments)
        for first in changes.deletes { #expect(rows.removeValue(forKey: first) != nil) }
        for row in changes.puts { rows[row.first] = row }
    }

    func read(at position: UInt64) throws -> (bytes: [UInt8], versions: [RecordVersion]) {
        let visible = rows.keys.filter { $0 <= position }.sorted()
        guard let start = visible.last(where: { rows[$0]!.header.kind == .chapter }) else { return ([], []) }
        var buffer: [UInt8] = []
        var ranges: [(kind: Int, Range<Int>)] = []
        for (index, frame) in rows[start]!.frames.enumerated() {
            ranges.append((index == 0 ? 0 : 1, buffer.count..<buffer.count + frame.bytes.count))
            buffer += frame.bytes
        }
        for first in visible where first > start {
            let frame = rows[first]!.frames[0].bytes
            ranges.append((2, buffer.count..<buffer.count + frame.count))
            buffer += frame
        }
        var assembly = RecordAssembly(through: Position(position))
        for (kind, range) in ranges {
            switch kind {
            case 0:
                try assembly.readKeyframe(buffer.span, range)
                if !rows[start]!.added.isEmpty { try assembly.expect(added: rows[start]!.added) }
            case 1: _ = try assembly.readChanges(buffer.span, range)
            default: try assembly.readTail(buffer.span, range)
            }
        }
        return (buffer, assembly.versions())
    }
}

private struct Expected: Equatable {
    var key: String
    var position: UInt64
    var content: [UInt8]
    var isTombstone: Bool
}

/// A seeded history of one category, and what a fold of its whole list says of any position.
private struct History {
    var segments: [Segment] = []
    var events:
        [(position: UInt64, items: [(key: String, isMoved: Bool, isTombstone: Bool, content: [UInt8])])] = []

    init(seed: UInt64, events count: Int, items: Int, contentBytes: ClosedRange<Int>) {
        var random = SeededRandom(seed: seed)
        var position: UInt64 = 0
        for _ in 0..<count {
            position += UInt64.random(in: 1...5, using: &random)
            var segment = Segment(
                mark: EventMark(position: position, recordedAt: Int64(position) * 1000 - 7), slot: 3)
            var keys = Set<Int>()
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                keys.insert(Int.random(in: 0..<items, using: &random))
            }
            let names = keys.map { "Item.\($0)" }.sorted {
                Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
            }
            var changed: [(key: String, isMoved: Bool, isTombstone: Bool, content: [UInt8])] = []
            for (index, name) in names.enumerated() {
                let isMoved = Int.random(in: 0..<20, using: &random) == 0
                let isTombstone = !isMoved && Int.random(in: 0..<15, using: &random) == 0
                let bytes = Int.random(in: contentBytes, using: &random)
                let content =
                    isMoved || isTombstone
                    ? [] : (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &+ Int(position)) }
                let meta = ItemMeta(
                    operation: isTombstone ? .enteredInError : .upsert, type: "Observation", sourceID: "x",
                    daybookID: name, category: .observations
                ).encoded
                segment.append(itemIndex: index + 1, isMoved: isMoved, meta: meta[...], content: content[...])
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
        return now.values.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
    }
}

@Suite struct RecordCategoryFoldTests {
    private static let shapes: [(items: Int, bytes: ClosedRange<Int>)] = [
        (3, 0...40), (40, 0...900), (200, 200...400), (2, 20_000...50_000),
    ]

    /// Whatever the batches, every position reads as the naive fold, and the rows left are the same.
    @Test(arguments: 0..<24) func foldsLikeTheWholeList(seed: Int) throws {
        let shape = Self.shapes[seed % Self.shapes.count]
        let history = History(
            seed: UInt64(seed), events: 220, items: shape.items, contentBytes: shape.bytes)
        var random = SeededRandom(seed: UInt64(seed) &+ 1000)
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
        let (bytes, versions) = try rows.read(at: position)
        let found = try versions.map { version in
            Expected(
                key: try ItemMeta(decoding: bytes[version.meta]).daybookID, position: version.position.value,
                content: Array(bytes[version.content]), isTombstone: version.isTombstone)
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
    @Test(arguments: 0..<300) func hostileFramesAreRefused(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let history = History(seed: UInt64(seed), events: 6, items: 4, contentBytes: 0...30)
        var frame = try FrameWriter.tail(history.segments[...])
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            frame[Int.random(in: 0..<frame.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { frame.removeLast(Int.random(in: 0..<frame.count, using: &random)) }
        var assembly = RecordAssembly(through: Position(UInt64.max))
        do throws(WireError) {
            try assembly.readTail(frame.span, 0..<frame.count)
            _ = assembly.versions()
            _ = try TailRows.segments(frame, slot: 1)
        } catch {}
    }
}
