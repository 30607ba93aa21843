import CareRecord
import EventLog
import Foundation
import LMDB
import Seeded
import Testing
import Wire

@testable import Projections

@Suite struct RecordProjectionTests {
    private static let subjects = ["A", "B", "C"]
    private static let categories: [CareRecord.Category] = [.observations, .bloodTests, .other]

    /// A seeded history, in the store and in the model.
    private func history(
        seed: UInt64, events: Int, items: Int, bytes: ClosedRange<Int>
    ) throws -> (RecordStore, RecordModel) {
        let store = try RecordStore()
        var model = RecordModel()
        var random = SplitMix64(seed: seed)
        var time: Int64 = 1_500_000_000_000_000
        for _ in 0..<events {
            // Several events may share an instant: one transaction of the log.
            time += Int64([0, 1, 1000, 1_000_000].randomElement(using: &random)!)
            if Int.random(in: 0..<10, using: &random) == 0 {
                store.source.append(.receipt, recordedAt: time, part: [1])
                continue
            }
            let subject = Self.subjects.randomElement(using: &random)!
            let list = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                item(time, items, bytes, &random)
            }
            let position = try store.append(subject, recordedAt: time, list)
            model.append(subject, position: position, recordedAt: time, list)
        }
        return (store, model)
    }

    private func item(
        _ time: Int64, _ items: Int, _ bytes: ClosedRange<Int>, _ random: inout SplitMix64
    ) -> RecordStore.Item {
        let number = Int.random(in: 0..<items, using: &random)
        let asserted: Int64? =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: nil
            case 1: time + 5000
            case 2: time - Int64.random(in: 0...3_000_000, using: &random)
            default: time - Int64.random(in: 0...2, using: &random)
            }
        let roll = Int.random(in: 0..<20, using: &random)
        // Most items keep their category, some wander.
        let category =
            roll == 0
            ? Self.categories.randomElement(using: &random)! : Self.categories[number % Self.categories.count]
        return RecordStore.Item(
            operation: roll == 1 ? .delete : roll == 2 ? .enteredInError : .upsert,
            type: number % 2 == 0 ? "Observation" : "Condition", id: "RBD.\(number)", category: category,
            asserted: asserted.map(Instant.init(microseconds:)),
            content: (0..<Int.random(in: bytes, using: &random)).map { _ in
                UInt8.random(in: 97...110, using: &random)
            })
    }

    private func check(
        _ worker: RecordStore.Worker, _ store: RecordStore, _ model: RecordModel, at position: UInt64,
        _ seed: UInt64
    ) throws {
        for subject in Self.subjects {
            let found = try worker.state(of: store.token(subject), at: Position(position)).flatMap { record in
                try record.versions.map { version in
                    let meta = try record.decodedMeta(of: version)
                    return RecordModel.Version(
                        subject: subject, key: "\(meta.type)\u{0}\(meta.daybookID)",
                        category: record.category,
                        position: version.position.value, recordedAt: version.recordedAt.microseconds,
                        itemIndex: version.itemIndex, isTombstone: version.isTombstone,
                        content: Array(record.content(of: version)),
                        asserted: min(
                            meta.asserted?.microseconds ?? version.recordedAt.microseconds,
                            version.recordedAt.microseconds))
                }
            }
            #expect(found == model.state(of: subject, at: position), "seed \(seed), #\(position), \(subject)")
        }
    }

    /// Any batches, a restart between them, and a rebuild: every position reads as the model says.
    @Test(arguments: 0..<18) func readsAsTheModelAtEveryPosition(number: Int) throws {
        let seed = UInt64(number)
        let shapes: [(events: Int, items: Int, bytes: ClosedRange<Int>)] = [
            (150, 12, 0...60), (150, 60, 100...1500), (120, 6, 3000...12_000),
        ]
        let shape = shapes[number % shapes.count]
        let (store, model) = try history(
            seed: seed, events: shape.events, items: shape.items, bytes: shape.bytes)
        var random = SplitMix64(seed: seed &+ 77)
        var worker = try store.worker()
        let head = store.source.headPosition
        while worker.position < head {
            let step = UInt64.random(
                in: 1...([2, 9, 40, 200].randomElement(using: &random)!), using: &random)
            try worker.catchUp(to: Position(min(head.value, worker.position.value + step)))
            try check(worker, store, model, at: worker.position.value, seed)
            if Int.random(in: 0..<8, using: &random) == 0 {
                worker.stop()
                worker = try store.worker()
            }
        }
        for _ in 0..<25 {
            try check(worker, store, model, at: UInt64.random(in: 0...head.value, using: &random), seed)
        }
        let report = try worker.rebuild()
        #expect(report == RebuildReport(position: head, difference: nil, isSwapped: true), "seed \(seed)")
        try check(worker, store, model, at: head.value / 2, seed)
        try check(worker, store, model, at: head.value, seed)
        worker.stop()
    }

    /// Built anew in runs, shares and pieces of any size, the view is what batches made of it, row for row.
    @Test(arguments: 0..<24) func runsOfAnySizeLeaveTheSameRows(number: Int) throws {
        let seed = UInt64(number) &+ 900
        let shapes: [(events: Int, items: Int, bytes: ClosedRange<Int>)] = [
            (150, 12, 0...60), (120, 60, 100...1500), (60, 6, 3000...12_000),
        ]
        let shape = shapes[number % shapes.count]
        let (store, model) = try history(
            seed: seed, events: shape.events, items: shape.items, bytes: shape.bytes)
        var random = SplitMix64(seed: seed)
        var limits = RecordRun.Limits()
        limits.lookAhead = UInt64.random(in: 1...40, using: &random)
        limits.records = Int.random(in: 1...80, using: &random)
        limits.shareBytes = Int.random(in: 1...20_000, using: &random)
        limits.transactionBytes = Int.random(in: 1...40_000, using: &random)
        // One in two: every subject of more than one event is folded in pieces.
        if number % 2 == 0 { limits.subjectBytes = Int.random(in: 1...20_000, using: &random) }
        let worker = try store.worker(runs: limits)
        let head = store.source.headPosition
        try worker.catchUp(to: Position(head.value / 3))
        try worker.catchUp(to: head)
        for round in 0..<2 {
            var told: [Position] = []
            let report = try worker.rebuild { folded, _ in told.append(folded) }
            #expect(
                report == RebuildReport(position: head, difference: nil, isSwapped: true),
                "seed \(seed), \(limits)")
            #expect(told.last == head && told == told.sorted(), "seed \(seed), round \(round)")
        }
        for _ in 0..<6 {
            try check(worker, store, model, at: UInt64.random(in: 0...head.value, using: &random), seed)
        }
        worker.stop()
    }

    /// The versions of single items, through the index.
    @Test(arguments: 0..<6) func indexesEveryVersion(number: Int) throws {
        let seed = UInt64(number) &+ 500
        let (store, model) = try history(seed: seed, events: 120, items: 10, bytes: 0...40)
        let worker = try store.worker()
        var random = SplitMix64(seed: seed)
        let head = store.source.headPosition
        while worker.position < head {
            let step = UInt64.random(in: 1...60, using: &random)
            try worker.catchUp(to: Position(min(head.value, worker.position.value + step)))
        }
        for _ in 0..<20 {
            let at = Position(UInt64.random(in: 0...head.value, using: &random))
            for subject in Self.subjects {
                let expected = model.state(of: subject, at: at.value)
                for version in expected {
                    let parts = version.key.split(separator: "\u{0}")
                    let found = try worker.withRead {
                        (view, t: borrowing ReadTransaction) throws(ProjectionError) -> ItemPlace? in
                        try view.projection.reader(view).place(
                            of: (type: String(parts[0]), id: String(parts[1])), under: store.token(subject),
                            at: at, t)
                    }
                    #expect(found?.position.value == version.position, "seed \(seed), \(at)")
                    #expect(found?.itemIndex == version.itemIndex, "seed \(seed), \(at)")
                }
            }
        }
        worker.stop()
    }

    @Test func aFlippedByteIsFound() throws {
        let (store, _) = try history(seed: 9, events: 60, items: 5, bytes: 50...200)
        let worker = try store.worker()
        try worker.catchUp(to: store.source.headPosition)
        let view = worker.view
        let token = store.token("A")
        try view.environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.withCursor(view.tables.chapters) { (c: inout Cursor) throws(LMDBError) in
                _ = try c.seek(token.bytes)
                var value = [UInt8](c.value)
                value[value.count - 3] ^= 4
                try t.put(view.tables.chapters, [UInt8](c.key), value)
            }
        }
        #expect(throws: ProjectionError.self) {
            try worker.state(of: token, at: store.source.headPosition)
        }
        #expect(try worker.rebuild().difference != nil)
        #expect(try !worker.state(of: token, at: store.source.headPosition).isEmpty)
        worker.stop()
    }

    @Test func aSubjectUnknownThenHoldsNothing() throws {
        let (store, _) = try history(seed: 3, events: 20, items: 5, bytes: 1...5)
        let worker = try store.worker()
        #expect(try worker.state(of: store.token("A"), at: Position(5)).isEmpty)
        try worker.catchUp(to: store.source.headPosition)
        #expect(try worker.state(of: store.token("Z"), at: store.source.headPosition).isEmpty)
        #expect(try worker.state(of: store.token("A"), at: .start).isEmpty)
        worker.stop()
    }
}
