import CareRecord
import EventLog
import Foundation
import Synchronization
import Testing
import Wire

@testable import Projections

/// What is kept in memory answers as the rows do, within its bound, and holds nothing after an erasure.
@Suite struct ReadCacheTests {
    private struct Kept: CachedValue, Equatable {
        var number: Int
        var byteCount: Int
    }

    /// Whatever is kept and asked for: what is found is what was kept last, and never more than the limit.
    @Test(arguments: 0..<20) func holdsWhatWasKeptWithinItsLimit(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let limit = [0, 1, 100, 1000, 10_000][seed % 5]
        let cache = ReadCache<Int, Kept>(limit: limit)
        var last: [Int: Kept] = [:]
        for step in 0..<4000 {
            let key = Int.random(in: 0..<60, using: &random)
            switch Int.random(in: 0..<200, using: &random) {
            case 0:
                cache.removeAll()
                last = [:]
                #expect(cache.figures.entries == 0 && cache.figures.bytes == 0)
            case 1..<80:
                let value = Kept(number: step, byteCount: Int.random(in: 1...200, using: &random))
                cache.keep(value, key, cache.generation)
                // What is too large for the cache is not kept, and does not drive out an older one.
                if value.byteCount <= limit / ReadCache<Int, Kept>.largestShare { last[key] = value }
            default:
                if let found = cache.value(key) { #expect(found == last[key], "seed \(seed), \(step)") }
            }
            #expect(cache.figures.bytes <= limit, "seed \(seed), \(step)")
        }
    }

    @Test func aFullCacheKeepsWhatIsAskedFor() {
        let cache = ReadCache<Int, Kept>(limit: 1000)
        for number in 0..<500 {
            cache.keep(Kept(number: number, byteCount: 100), number, cache.generation)
            #expect(cache.value(0) != nil, "\(number)")
        }
        #expect(cache.figures.entries == 10)
    }

    @Test func whatBeganBeforeAnErasureIsNotKept() {
        let cache = ReadCache<Int, Kept>(limit: 1000)
        let before = cache.generation
        cache.removeAll()
        cache.keep(Kept(number: 1, byteCount: 10), 1, before)
        #expect(cache.value(1) == nil)
        #expect(cache.figures.entries == 0)
    }

    /// A category of a record, and all that is read of it.
    private struct Shown: Equatable {
        var category: CareRecord.Category
        var places: [Position]
        var bytes: [[UInt8]]

        init(_ record: CategoryRecord) {
            category = record.category
            places = record.versions.map(\.position)
            bytes = record.versions.map { Array(record.meta(of: $0)) + Array(record.content(of: $0)) }
        }
    }

    private static let subjects = ["A", "B", "C", "D"]

    /// Random events, reads in between, one subject erased in the middle: equal answers with and without memory, whatever its size.
    @Test(arguments: 0..<18) func answersAsTheRowsDo(number: Int) throws {
        let seed = UInt64(number)
        var random = SeededRandom(seed: seed &+ 4711)
        let store = try RecordStore()
        let limit = [0, 4000, 60_000, 300_000, 1 << 24, 1 << 26][number % 6]
        let caches = ReadCaches(limit: limit)
        let worker = try store.worker(caches: caches)
        var time: Int64 = 1_500_000_000_000_000
        let bytes = [0...80, 100...1500, 2000...9000][number % 3]
        let erasure = Int.random(in: 60..<120, using: &random)
        for event in 0..<160 {
            time += 1000
            let subject = Self.subjects.randomElement(using: &random)!
            let items = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                RecordStore.Item(
                    operation: Int.random(in: 0..<12, using: &random) == 0 ? .delete : .upsert,
                    id: "RBD.\(Int.random(in: 0..<30, using: &random))", category: .observations,
                    content: (0..<Int.random(in: bytes, using: &random)).map { _ in
                        UInt8.random(in: 97...110, using: &random)
                    })
            }
            try store.append(subject, recordedAt: time, items)
            if event == erasure {
                try erase("B", in: store, worker, caches)
            }
            guard event % 3 == 0 else { continue }
            try worker.catchUp(to: store.source.headPosition)
            for _ in 0..<6 { try compare(worker, store, &random, seed) }
        }
        try worker.catchUp(to: store.source.headPosition)
        for _ in 0..<60 { try compare(worker, store, &random, seed) }
        let figures = caches.figures
        #expect(figures.bytes <= limit)
        // So that a cache that keeps nothing does not pass for one that answers rightly.
        if limit >= 1 << 24 { #expect(figures.hits > figures.misses, "seed \(seed): \(figures)") }
        worker.stop()
    }

    private func erase(
        _ subject: String, in store: RecordStore, _ worker: RecordStore.Worker, _ caches: ReadCaches
    ) throws {
        try worker.catchUp(to: store.source.headPosition)
        let token = store.token(subject)
        let held = try !worker.state(of: token, at: worker.position).isEmpty
        try store.keys.destroy([store.keys.reserve(for: token)])
        // Not emptied yet: the key is asked for all the same.
        if held {
            #expect(throws: ProjectionError.self) { try worker.state(of: token, at: worker.position) }
        }
        caches.removeAll()
        #expect(caches.figures.entries == 0 && caches.figures.bytes == 0)
        _ = try? worker.state(of: token, at: worker.position)
        #expect(caches.figures.entries == 0)
    }

    private func compare(
        _ worker: RecordStore.Worker, _ store: RecordStore, _ random: inout SeededRandom, _ seed: UInt64
    ) throws {
        let subject = Self.subjects.randomElement(using: &random)!
        let last = worker.position.value
        // Mostly near the head, as reads are; anywhere now and then.
        let first = Int.random(in: 0..<3, using: &random) == 0 ? 0 : last - min(last, 5)
        let position = Position(UInt64.random(in: first...last, using: &random))
        let token = store.token(subject)
        let cached = try? worker.state(of: token, at: position).map(Shown.init)
        let plain = try? worker.uncachedState(of: token, at: position).map(Shown.init)
        #expect(cached == plain, "seed \(seed), \(subject) at \(position)")
    }

    /// Several threads at once, a memory far too small, and an erasure of everybody in the middle.
    @Test func threadsShareIt() throws {
        let store = try RecordStore()
        let caches = ReadCaches(limit: 200_000)
        let worker = try store.worker(caches: caches)
        var random = SeededRandom(seed: 5)
        for event in 0..<120 {
            try store.append(
                Self.subjects[event % 4], recordedAt: Int64(event) * 1000,
                (0..<3).map { _ in
                    RecordStore.Item(
                        id: "RBD.\(Int.random(in: 0..<20, using: &random))", category: .observations,
                        content: (0..<800).map { _ in UInt8.random(in: 97...110, using: &random) })
                })
        }
        try worker.catchUp(to: store.source.headPosition)
        let slots = try Self.subjects.map { try store.keys.reserve(for: store.token($0)) }
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            var random = SeededRandom(seed: UInt64(thread))
            for step in 0..<300 {
                if thread == 0, step == 200 {
                    try! store.keys.destroy(Set(slots))
                    caches.removeAll()
                }
                let token = store.token(Self.subjects.randomElement(using: &random)!)
                let position = Position(UInt64.random(in: 1...120, using: &random))
                // Either may be from before the erasure, and the other from after it.
                guard let cached = try? worker.state(of: token, at: position).map(Shown.init),
                    let plain = try? worker.uncachedState(of: token, at: position).map(Shown.init)
                else { continue }
                if cached != plain { failures.add("thread \(thread), step \(step)") }
            }
        }
        #expect(failures.all == [])
        #expect(caches.figures.entries == 0)
        worker.stop()
    }

    private final class Failures: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func add(_ text: String) { list.withLock { $0.append(text) } }
    }
}
