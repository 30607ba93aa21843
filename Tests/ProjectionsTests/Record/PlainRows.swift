import CareRecord
import Testing
import Wire

@testable import Projections

/// Rows as folding leaves them, unzipped and unsealed, read as the store's are.
struct PlainRows {
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
            return (RecordBuffers([]), [])
        }
        let tail = visible.filter { $0 > start }.map { rows[$0]! }
        let keyframe = rows[start]!.frames[0].bytes
        var bytes = keyframe
        var ranges: [Range<Int>] = []
        for frame in rows[start]!.frames.dropFirst() + tail.map({ $0.frames[0] }) {
            ranges.append(bytes.count..<bytes.count + frame.bytes.count)
            bytes += frame.bytes
        }
        var state = RecordAssembly.State()
        let changed = (tail.last ?? rows[start]!).header.changedBytes
        let all = try [UInt8](capacity: bytes.count + changed) { (out: inout OutputSpan<UInt8>) in
            for byte in bytes { out.append(byte) }
            state = try RecordAssembly.state(
                &out, keyframeBytes: keyframe.count, frames: ranges, through: Position(position))
        }
        return (RecordBuffers(all, earlier: state.earlier), state.versions)
    }
}
