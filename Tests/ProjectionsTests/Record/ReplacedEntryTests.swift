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
        var isMoved: Bool
    }

    /// A seeded history of results: the segments, and of each item its versions, oldest first.
    private struct Results {
        var segments: [Segment] = []
        var versions: [String: [Version]] = [:]

        init(seed: UInt64, events: Int) {
            var random = SplitMix64(seed: seed)
            for number in 1...events {
                let position = UInt64(number) * 3
                var segment = Segment(
                    mark: EventMark(position: position, recordedAt: Int64(position) * 1000), slot: 3)
                let id = "Item.\(Int.random(in: 10..<30, using: &random))"
                let version = Version(
                    position: position, isTombstone: Int.random(in: 0..<12, using: &random) == 0,
                    status: ["final", "corrected", "amended", "preliminary"].randomElement(using: &random)!,
                    value: Int.random(in: 0..<3, using: &random),
                    isMoved: Int.random(in: 0..<25, using: &random) == 0)
                var meta = ItemMeta(
                    operation: version.isTombstone ? .enteredInError : .upsert, type: "Observation",
                    sourceID: "x",
                    daybookID: id, category: .observations)
                meta.status = version.status
                let filler = String(
                    repeating: "note \(number) ", count: Int.random(in: 20..<120, using: &random))
                let content =
                    #"{"resourceType":"Observation","status":"\#(version.status)","note":[{"text":"\#(filler)"}],"#
                    + #""valueInteger":\#(version.value)}"#
                segment.append(
                    category: CareRecord.Category.observations.rawValue, itemIndex: 1,
                    isMoved: version.isMoved,
                    meta: meta.encoded[...],
                    content: version.isTombstone || version.isMoved ? [] : Array(content.utf8)[...])
                segments.append(segment)
                versions[id, default: []].append(version)
            }
        }
    }

    @Test(arguments: 0..<12) func keyframesTellWhatCorrectedResultsReplaced(seed: Int) throws {
        let results = Results(seed: UInt64(seed), events: 400)
        var rows = PlainRows()
        var batch = results.segments[...]
        while !batch.isEmpty {
            try rows.fold(Array(batch.prefix(1 + seed * 7)))
            batch = batch.dropFirst(1 + seed * 7)
        }
        var (told, chapters) = (0, 0)
        for row in rows.rows.values where row.header.kind == .chapter {
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
                let expected = before.last { $0.isTombstone || $0.isMoved || $0.value != all[place].value }
                if let found {
                    told += 1
                    #expect(found.mark.position == expected?.position, "seed \(seed), \(meta.daybookID)")
                    #expect(expected?.isMoved == false)
                    let old = try ItemMeta(decoding: found.data.prefix(found.metaBytes))
                    #expect(old.daybookID == meta.daybookID && old.status == expected?.status)
                    let value = expected.map { #""valueInteger":\#($0.value)}"# } ?? ""
                    let content = String(decoding: found.data.dropFirst(found.metaBytes), as: UTF8.self)
                    #expect(expected?.isTombstone == true ? content.isEmpty : content.hasSuffix(value))
                } else if let last = before.last, !last.isMoved,
                    last.isTombstone || last.value != all[place].value,
                    place > 0
                {
                    // Its chapter had both.
                    Issue.record("seed \(seed): \(meta.daybookID) at \(entry.event.position) tells nothing")
                }
            }
        }
        #expect(told > 10 && chapters > 3, "\(told) told in \(chapters) chapters")
    }
}
