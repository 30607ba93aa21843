import Glibc
import Seeded
import Testing
import Wire

@testable import EventLog

/// Messages by the id that their source gave them, and what it costs where it gives all of them one.
@Suite struct SameIDTests {
    private static func key(_ id: UInt64, _ digest: UInt64, order: UInt64 = 0) -> MessageKey {
        // As keyed hashes are: any bytes.
        var random = SplitMix64(seed: digest &* 7919 &+ 1)
        return MessageKey(
            order: order,
            id: StreamToken(high: id &* 0x9E37_79B9_7F4A_7C15, low: id &* 0xD1B5_4A32_D192_ED03),
            digest: StreamToken(high: .random(in: 0 ... .max, using: &random), low: digest))
    }

    /// What a table and an index environment must say.
    private struct Model {
        var entries: [(key: MessageKey, position: Position)] = []

        func same(_ key: MessageKey) -> Position? { entries.last { $0.key == key }?.position }
        func other(_ key: MessageKey) -> Position? {
            entries.last { $0.key.id == key.id && $0.key.order == key.order && $0.key.digest != key.digest }?
                .position
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>) func theTableSaysWhatAListSays(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var (table, model) = (MessageTable(), Model())
        for round in 0..<3 {
            for n in 1...300 as ClosedRange<UInt64> {
                let key = Self.key(
                    .random(in: 0...9, using: &random), .random(in: 0...40, using: &random),
                    order: .random(in: 0...1, using: &random))
                let found = table.match(key)
                #expect(found.same == model.same(key), "seed \(seed)")
                if found.same == nil {
                    #expect(found.otherBytes == model.other(key), "seed \(seed)")
                    table.insert(key, at: Position(n))
                    model.entries.append((key, Position(n)))
                }
            }
            #expect(table.entries.count == model.entries.count, "round \(round)")
            model = Model()
            table.removeAll()
        }
    }

    /// Of one id there are more than are looked through, of others fewer.
    @Test func theIndexFindsTheSameBytesAmongAnyNumber() throws {
        let folder = try TemporaryFolder()
        let index = try IndexEnvironment(path: folder.path, mapBytes: 1 << 28, readOnly: false)
        defer { index.environment.close() }
        var segment = TailSegment(after: .start)
        var model = Model()
        for n in 1...2000 as ClosedRange<UInt64> {
            let key = Self.key(n % 4 == 0 ? n % 100 : 7, n)
            segment.messages.insert(key, at: Position(n))
            model.entries.append((key, Position(n)))
        }
        try index.write([segment])
        for entry in model.entries {
            #expect(try index.match(entry.key).same == entry.position)
        }
        for id in 0..<100 as Range<UInt64> {
            let found = try index.match(Self.key(id, 5000))
            #expect(found.same == nil)
            if id == 7 {
                #expect(found.otherBytes != nil)
            } else {
                #expect(found.otherBytes == model.other(Self.key(id, 5000)))
            }
        }
    }

    private func processorTime(_ body: () throws -> Void) rethrows -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let start = now()
        try body()
        return now() - start
    }

    /// Against as many of ids of their own, in the thread's own time: walking through all would be a thousand times as much.
    @Test func oneIDForAllCostsNotTheSquare() throws {
        let folder = try TemporaryFolder()
        let count: UInt64 = 20_000
        var spent: [(table: Double, index: Double)] = []
        for isOne in [false, true] {
            var segment = TailSegment(after: .start)
            func key(_ n: UInt64) -> MessageKey { Self.key(isOne ? 1 : n, n) }
            let table = processorTime {
                for n in 1...count {
                    _ = segment.messages.match(key(n))
                    segment.messages.insert(key(n), at: Position(n))
                }
            }
            let index = try IndexEnvironment(
                path: try folder.folder("\(isOne)"), mapBytes: 1 << 28, readOnly: false)
            defer { index.environment.close() }
            try index.write([segment])
            let disk = try processorTime {
                _ = try index.matches((1...200).map { key($0 + count) })
            }
            spent.append((table, disk))
        }
        #expect(spent[1].table < 50 * spent[0].table, "\(spent)")
        #expect(spent[1].index < 400 * spent[0].index, "\(spent)")
    }
}
