import CareRecord
import Seeded
import Testing
import Wire

@testable import Projections

/// What a corrected result replaced is kept beside it in keyframes, and is what the list of all its versions says.
@Suite struct ReplacedEntryTests {
    private struct Version {
        var position: UInt64
        var isTombstone: Bool
        var status: String
        var value: Int
        var category: CareRecord.Category
        /// It changed category.
        var isMoved: Bool
    }

    /// A seeded history of results: the segments, and of each item its versions, oldest first.
    private struct Results {
        var segments: [Segment] = []
        var versions: [String: [Version]] = [:]

        init(seed: UInt64, events: Int) {
            var random = SplitMix64(seed: seed)
            for number in 1...events {
                let id = "Item.\(Int.random(in: 10..<30, using: &random))"
                let last = versions[id]?.last
                let isMoved = number > 150 && last != nil && Int.random(in: 0..<25, using: &random) == 0
                var category = last?.category ?? .observations
                if isMoved { category = category == .observations ? .documents : .observations }
                let version = Version(
                    position: UInt64(number) * 3, isTombstone: Int.random(in: 0..<12, using: &random) == 0,
                    status: ["final", "corrected", "amended", "preliminary"].randomElement(using: &random)!,
                    value: Int.random(in: 0..<3, using: &random), category: category, isMoved: isMoved)
                let words = Int.random(in: 20..<120, using: &random)
                segments.append(Self.segment(id, version, leaving: isMoved ? last?.category : nil, words))
                versions[id, default: []].append(version)
            }
        }

        private static func segment(
            _ id: String, _ version: Version, leaving: CareRecord.Category?, _ words: Int
        ) -> Segment {
            var meta = ItemMeta(
                operation: version.isTombstone ? .enteredInError : .upsert, type: "Observation",
                sourceID: "x", daybookID: id, category: version.category)
            meta.status = version.status
            let filler = String(repeating: "note \(version.position) ", count: words)
            let content =
                #"{"resourceType":"Observation","status":"\#(version.status)","note":[{"text":"\#(filler)"}],"#
                + #""valueInteger":\#(version.value)}"#
            let mark = EventMark(
                position: version.position, recordedAt: Int64(version.position) * 1000)
            // Entries are in the order of categories.
            var entries: [(category: CareRecord.Category, isLeft: Bool)] = [(version.category, false)]
            if let leaving { entries.append((leaving, true)) }
            var segment = Segment(mark: mark, slot: 3)
            for entry in entries.sorted(by: { $0.category < $1.category }) {
                segment.append(
                    category: entry.category.rawValue, itemIndex: 1, isMoved: entry.isLeft,
                    meta: meta.encoded[...],
                    content: version.isTombstone || entry.isLeft ? [] : Array(content.utf8)[...])
            }
            return segment
        }
    }

    private func rows(_ results: Results, seed: Int) throws -> PlainRows {
        var rows = PlainRows()
        var batch = results.segments[...]
        while !batch.isEmpty {
            try rows.fold(Array(batch.prefix(1 + seed * 7)))
            batch = batch.dropFirst(1 + seed * 7)
        }
        return rows
    }

    @Test(arguments: 0..<12) func keyframesTellWhatCorrectedResultsReplaced(seed: Int) throws {
        let results = Results(seed: UInt64(seed), events: 400)
        var (told, nothing, chapters) = (0, 0, 0)
        for row in try rows(results, seed: seed).rows.values where row.header.kind == .chapter {
            chapters += 1
            let keyframe = try Keyframe(row.frames[0].bytes)
            for (ordinal, entry) in keyframe.entries.enumerated() {
                let meta = try ItemMeta(decoding: keyframe.bytes[entry.entry.meta])
                let all = try #require(results.versions[meta.daybookID])
                let place = try #require(all.firstIndex { $0.position == entry.event.position })
                let found = try keyframe.replaced(by: ordinal)
                let isCorrected = ["corrected", "amended"].contains(all[place].status)
                guard isCorrected, !all[place].isTombstone else {
                    #expect(found == nil, "seed \(seed), \(meta.daybookID) at \(entry.event.position)")
                    continue
                }
                let before = all[..<place]
                let expected = before.last { $0.isTombstone || $0.value != all[place].value }
                switch found {
                case .entry(let found):
                    told += 1
                    #expect(found.mark.position == expected?.position, "seed \(seed), \(meta.daybookID)")
                    #expect(expected?.category == all[place].category)
                    let old = try ItemMeta(decoding: found.data.prefix(found.metaBytes))
                    #expect(old.daybookID == meta.daybookID && old.status == expected?.status)
                    let alone = expected.map {
                        #"{"resourceType":"Observation","status":"\#($0.status)","valueInteger":\#($0.value)}"#
                    }
                    let content = String(decoding: found.data.dropFirst(found.metaBytes), as: UTF8.self)
                    #expect(content == (expected?.isTombstone == true ? "" : alone))
                case .nothing:
                    nothing += 1
                    #expect(expected == nil, "seed \(seed), \(meta.daybookID) at \(entry.event.position)")
                case nil:
                    // Its chapter had both.
                    if let last = before.last, !all[place].isMoved,
                        last.isTombstone || last.value != all[place].value
                    {
                        Issue.record(
                            "seed \(seed): \(meta.daybookID) at \(entry.event.position) tells nothing")
                    }
                }
            }
        }
        #expect(told > 10 && nothing > 0 && chapters > 3, "\(told) told in \(chapters) chapters")
    }

    /// What a read passes on its way is what the item had been, in whatever category, as far as the chapter has it.
    @Test(arguments: 0..<12) func readsKeepWhatVersionsReplaced(seed: Int) throws {
        let results = Results(seed: UInt64(seed), events: 300)
        let rows = try rows(results, seed: seed)
        let keyframes = rows.rows.values.filter { $0.header.kind == .chapter }.map(\.first).sorted()
        var moved = 0
        for position in stride(from: UInt64(1), through: 910, by: 7) {
            let (buffers, versions) = try rows.read(at: position)
            let start = keyframes.last { $0 <= position } ?? 0
            for version in versions {
                let meta = try ItemMeta(decoding: buffers.bytes[version.meta])
                let all = try #require(results.versions[meta.daybookID])
                let place = try #require(all.firstIndex { $0.position == version.position.value })
                // The keyframe's own is the newest by its beginning.
                let own = all.lastIndex { $0.position <= start }
                var expected = Array(all[(own ?? 0)..<place])
                if let own, place <= own { expected = [] }
                if expected.contains(where: \.isMoved) || place != own && all[place].isMoved { moved += 1 }
                #expect(version.isInKeyframe == (own != nil), "\(meta.daybookID) at \(position)")
                var next = version.earlier
                while next >= 0 {
                    let earlier = buffers.earlier[Int(next)]
                    next = earlier.next
                    guard earlier.kind == .version else {
                        #expect(next < 0)
                        continue
                    }
                    let popped = expected.popLast()
                    let last = try #require(popped)
                    let found = try buffers.version(earlier)
                    #expect(found.position.value == last.position, "\(meta.daybookID) at \(position)")
                    let content = String(decoding: found.content, as: UTF8.self)
                    #expect(last.isTombstone ? content == "" : content.hasSuffix(":\(last.value)}"))
                }
                #expect(expected.isEmpty, "\(meta.daybookID) at \(position)")
            }
        }
        #expect(moved > 0)
    }
}
