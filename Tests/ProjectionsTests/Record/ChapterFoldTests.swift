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
            OpenChapter.TailRow(
                first: first, header: rows[first]!.header, frame: rows[first]!.frames[0].bytes)
        }
        return OpenChapter(
            first: start, slot: chapter.header.slot, keyframe: chapter.frames[0], tail: tail)
    }

    var newest: RowHeader? { rows.keys.max().map { rows[$0]!.header } }

    mutating func fold(_ segments: [Segment]) throws {
        var chapterOpen: OpenChapter?
        if let newest, ChapterFold<WireError>.needsRows(newest, segments) { chapterOpen = openChapter() }
        let fold = ChapterFold<WireError>(
            newest: newest, load: { () throws(WireError) in chapterOpen! }, damaged: { $0 })
        let changes = try fold.fold(segments)
        for first in changes.deletes { #expect(rows.removeValue(forKey: first) != nil) }
        for row in changes.puts { rows[row.first] = row }
    }

    func read(at position: UInt64) throws -> (buffers: RecordBuffers, versions: [RecordVersion]) {
        let visible = rows.keys.filter { $0 <= position }.sorted()
        guard let start = visible.last(where: { rows[$0]!.header.kind == .chapter }) else {
            return (RecordBuffers(keyframe: [], changes: [], frames: []), [])
        }
        let frames =
            rows[start]!.frames.dropFirst() + visible.filter { $0 > start }.map { rows[$0]!.frames[0] }
        let keyframe = rows[start]!.frames[0].bytes
        let changes = frames.flatMap { $0.bytes }
        var ranges: [Range<Int>] = []
        var assembly = RecordAssembly(
            through: Position(position), keyframe: try UnzippedKeyframe(keyframe))
        for frame in frames {
            let at = ranges.last?.upperBound ?? 0
            ranges.append(at..<at + frame.bytes.count)
            var reader = try FrameReader(frame.bytes.span, 0..<frame.bytes.count)
            var entries: [FrameEntry] = []
            while let next = try reader.next(frame.bytes.span) { entries.append(next) }
            try assembly.apply(entries, changes.span, shift: at, keyframe: keyframe.span)
        }
        let patched = try assembly.resolvePatches(keyframe: keyframe, changes: changes)
        let buffers = RecordBuffers(keyframe: keyframe, changes: changes, frames: ranges, patched: patched)
        return (buffers, assembly.versions().versions)
    }
}

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
    private func content(_ count: Int, number: UInt64, _ random: inout SeededRandom) -> [UInt8] {
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
        let (buffers, versions) = try rows.read(at: position)
        let found = try versions.map { version in
            Expected(
                key: try ItemMeta(decoding: buffers[version.buffer][version.meta]).daybookID,
                position: version.position.value,
                content: Array(buffers[version.buffer][version.content]), isTombstone: version.isTombstone)
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
        var random = SeededRandom(seed: UInt64(seed))
        let history = History(seed: UInt64(seed), events: 12, items: 4, contentBytes: 0...90)
        let keyframe = try Keyframe(FrameWriter.keyframe(history.segments[0]))
        var frames = ChangeFrames(keyframe: seed % 2 == 0 ? keyframe : nil)
        var frame = try frames.frame(history.segments[1...])
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            frame[Int.random(in: 0..<frame.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { frame.removeLast(Int.random(in: 0..<frame.count, using: &random)) }
        do throws(WireError) {
            var assembly = RecordAssembly(
                through: Position(UInt64.max), keyframe: try UnzippedKeyframe(keyframe.bytes))
            var reader = try FrameReader(frame.span, 0..<frame.count)
            var entries: [FrameEntry] = []
            while let next = try reader.next(frame.span) { entries.append(next) }
            try assembly.apply(entries, frame.span, shift: 0, keyframe: keyframe.bytes.span)
            _ = try assembly.resolvePatches(keyframe: keyframe.bytes, changes: frame)
            _ = assembly.versions()
        } catch {}
        do throws(WireError) {
            var state = ChapterState(keyframe: keyframe)
            for segment in try ChangeFrames.segments(frame, slot: 1) { try state.apply(segment) }
            _ = state.nextKeyframe()
        } catch {}
    }
}
