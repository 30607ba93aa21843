import LMDB
import Seeded
import Testing
import Wire

@testable import EventLog

@Suite struct VerifyTests {
    let scratch = ScratchLog()

    /// 600 records in commits of several sizes: two tiles, and a batch across their boundary.
    func fill(_ log: EventLog) throws {
        var numbers = SplitMix64(seed: 1)
        var count = 1
        while count < 600 {
            let size = count == 250 ? 20 : Int.random(in: 1...9, using: &numbers)
            let records = try (0..<size).map { i in
                try Draft.record(
                    stream: Draft.stream(UInt64(i)), slotB: .region,
                    message: i == 0 ? Draft.message(UInt64(count)) : nil, partA: [1, 2, UInt8(i)],
                    partB: [UInt8(i)])
            }
            try log.appendPatiently([Proposal(records: records)])
            count += size
        }
        try log.index.flush(all: true)
    }

    func change(
        _ log: EventLog, _ database: Database, _ key: [UInt8], _ change: (inout [UInt8]) -> Void
    ) throws {
        let environment = log.storage.environment
        let before = try environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            try t.copy(database, key)
        }
        var value = try #require(before)
        change(&value)
        let changed = value
        try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.delete(database, key)
            try t.put(database, key, changed)
        }
    }

    func bytes(_ number: UInt64) -> [UInt8] {
        var out = ByteWriter()
        out.u64(number)
        return out.bytes
    }

    @Test func aSoundLogIsSound() throws {
        let log = try scratch.create()
        try fill(log)
        for threads in [1, 2, 5] {
            var options = VerifyOptions()
            options.threads = threads
            let report = try log.verify(options)
            #expect(report.isSound, "\(report.problems) \(report.indexProblems)")
            #expect(report.records == report.head.position.value)
            #expect(report.tiles == 2)
            #expect(report.trustworthyThrough == report.head.position)
            #expect(try report.commits == log.stat().commits)
        }
        log.close()
    }

    @Test func anEmptyLogIsSound() throws {
        let log = try scratch.open()
        #expect(try log.verify().isSound)
        log.close()
    }

    @Test(arguments: [1, 2, 255, 256, 257, 400, 512, 600] as [UInt64])
    func everyFlippedByteOfARecordIsFoundWhereItIs(position: UInt64) throws {
        let log = try scratch.create()
        try fill(log)
        let key = bytes(position)
        let size = try log.header(at: Position(position)).recordBytes
        let commit = try log.resolve(Instant(microseconds: log.time(of: Position(position)).microseconds - 1))
        for offset in 0..<size {
            try change(log, log.storage.records, key) { $0[offset] ^= 0x40 }
            let report = try log.verify()
            #expect(report.firstBad == Position(position), "byte \(offset): \(report.problems)")
            #expect(report.problemCount == 1, "byte \(offset): \(report.problems)")
            #expect(report.trustworthyThrough == commit)
            try change(log, log.storage.records, key) { $0[offset] ^= 0x40 }
        }
        #expect(try log.verify().isSound)
        log.close()
    }

    @Test func everyFlippedByteOfATileIsFoundWhereItIs() throws {
        let log = try scratch.create()
        try fill(log)
        for index in [0, 1] as [UInt64] {
            let key = TileKey.bytes(level: 1, index: index)
            for offset in 0..<32 {
                try change(log, log.storage.tiles, key) { $0[offset] ^= 1 }
                let report = try log.verify()
                #expect(report.firstBad == Position(index * 256 + 1), "\(report.problems)")
                #expect(report.problemCount == 1)
                try change(log, log.storage.tiles, key) { $0[offset] ^= 1 }
            }
        }
        log.close()
    }

    /// A tile of the second level covers 65,536 records; one moved to another key is missing there.
    @Test func aFlippedByteOfATileOfTheSecondLevelIsFoundWhereItIs() throws {
        let log = try scratch.create()
        let records = try (0..<66_000).map { _ in try Draft.record(partA: [1]) }
        _ = try log.appendAndWait([Proposal(records: records)])
        let key = TileKey.bytes(level: 2, index: 0)
        for offset in [0, 17, 31] {
            try change(log, log.storage.tiles, key) { $0[offset] ^= 1 }
            let report = try log.verify()
            #expect(report.firstBad == Position(1) && report.problemCount == 1, "\(report.problems)")
            #expect(report.problems.first?.what.contains("tile") == true, "\(report.problems)")
            try change(log, log.storage.tiles, key) { $0[offset] ^= 1 }
        }
        let storage = log.storage
        func move(_ from: [UInt8], _ to: [UInt8]) throws {
            try storage.environment.withWriteTransaction {
                (t: borrowing WriteTransaction) throws(LMDBError) -> Void in
                let value = try t.copy(storage.tiles, from)
                try t.delete(storage.tiles, from)
                try t.put(storage.tiles, to, value ?? [])
            }
        }
        // Where none is due.
        try move(key, TileKey.bytes(level: 2, index: 1))
        let report = try log.verify()
        #expect(report.firstBad == Position(1) && report.problemCount >= 1, "\(report.problems)")
        try move(TileKey.bytes(level: 2, index: 1), key)
        #expect(try log.verify().isSound)
        log.close()
    }

    @Test func everyFlippedByteOfACommitEntryIsFoundWhereItIs() throws {
        let log = try scratch.create()
        try fill(log)
        for position in [1, 2, 256, 300] as [UInt64] {
            let time = try log.time(of: Position(position))
            let first = try log.resolve(Instant(microseconds: time.microseconds - 1)).next
            let key = bytes(CommitEntry.key(time))
            for offset in 0..<CommitEntry.valueBytes {
                try change(log, log.storage.commits, key) { $0[offset] ^= 0x10 }
                let report = try log.verify()
                #expect(report.firstBad == first, "byte \(offset): \(report.problems)")
                try change(log, log.storage.commits, key) { $0[offset] ^= 0x10 }
            }
        }
        #expect(try log.verify().isSound)
        log.close()
    }

    @Test func whatIsMissingOrTooMuchIsFound() throws {
        let log = try scratch.create()
        try fill(log)
        let storage = log.storage
        func edit(_ body: (borrowing WriteTransaction) throws(LMDBError) -> Void) throws {
            try storage.environment.withWriteTransaction(body)
        }
        let record = try log.read(at: Position(100))
        try edit { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.delete(storage.records, bytes(100))
        }
        #expect(try log.verify().firstBad == Position(100))
        try edit { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.put(storage.records, bytes(100), record.header.encoded() + record.parts)
        }
        #expect(try log.verify().isSound)
        try edit { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.delete(storage.tiles, TileKey.bytes(level: 1, index: 1))
        }
        #expect(try log.verify().firstBad == Position(257))
        log.close()
    }

    @Test func aStrayCommitEntryIsFound() throws {
        let log = try scratch.create()
        try fill(log)
        let storage = log.storage
        let time = Instant(microseconds: try log.time(of: Position(300)).microseconds)
        let key = bytes(CommitEntry.key(time))
        try storage.environment.withWriteTransaction {
            (t: borrowing WriteTransaction) throws(LMDBError) -> Void in
            _ = try t.delete(storage.commits, key)
        }
        let first = try log.resolve(Instant(microseconds: time.microseconds)).next
        #expect(try log.verify().firstBad == first)
        log.close()
    }

    @Test func anIndexThatIsNotTheLogsIsFound() throws {
        let log = try scratch.create()
        try fill(log)
        let index = log.index.environment
        func edit(_ body: (borrowing WriteTransaction) throws(LMDBError) -> Void) throws {
            try index.environment.withWriteTransaction(body)
        }
        try edit { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.put(index.messages, Draft.message(9999).bytes, bytes(3))
        }
        #expect(try log.verify().indexProblems.count == 1)
        try edit { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.delete(index.messages, Draft.message(9999).bytes)
            try t.put(index.streams, Draft.stream(0).bytes, bytes(3) + bytes(4) + bytes(5))
        }
        #expect(try log.verify().indexProblems.count == 1)
        try edit { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.delete(index.streams, Draft.stream(0).bytes)
        }
        let report = try log.verify()
        #expect(report.indexProblems.count == 1 && report.problemCount == 0 && !report.isSound)
        log.close()
    }

    /// Streams past what is kept in memory are not compared, and that is no damage.
    @Test func moreStreamsThanAreKeptAreNoProblem() throws {
        let log = try scratch.create()
        try fill(log)
        var options = VerifyOptions()
        options.mostStreams = 3
        let few = try log.verify(options)
        #expect(few.isSound && few.indexesChecked && few.hasTooManyStreams, "\(few.indexProblems)")
        #expect(try !log.verify().hasTooManyStreams)
        log.close()
    }

    /// What is there and belongs to nothing.
    @Test func whatIsTooMuchIsFound() throws {
        let log = try scratch.create(simulated: false)
        try fill(log)
        let environment = log.storage.environment
        func withEntry(_ database: Database, _ key: [UInt8], _ value: [UInt8], _ body: () throws -> Void)
            throws
        {
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                try t.put(database, key, value)
            }
            try body()
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                _ = try t.delete(database, key)
            }
        }
        let storage = log.storage
        let commits = try environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LMDBError) in
            try t.withCursor(storage.commits) { (cursor: inout Cursor) throws(LMDBError) in
                var out: [(key: [UInt8], value: [UInt8])] = []
                while try cursor.next() { out.append(([UInt8](cursor.key), [UInt8](cursor.value))) }
                return out
            }
        }
        let middle = commits[commits.count / 2]
        let between = bytes(middle.key.reduce(0) { $0 << 8 | UInt64($1) } + 1)
        try #require(!commits.contains { $0.key == between })
        let first = try log.verify()
        #expect(first.isSound)
        try withEntry(storage.commits, between, middle.value) {
            let report = try log.verify()
            #expect(report.problemCount > 0 && report.trustworthyThrough < report.head.position, "\(report)")
        }
        try withEntry(storage.tiles, [1] + bytes(9), [UInt8](repeating: 7, count: 32)) {
            let report = try log.verify()
            #expect(report.problems.contains { $0.what.contains("tiles") }, "\(report.problems)")
        }
        #expect(try log.verify().isSound)
        log.close()
    }

    @Test func openingStopsAtAnEndThatDoesNotHoldTogether() throws {
        let log = try scratch.create()
        try fill(log)
        let head = try log.head.position.value
        try change(log, log.storage.records, bytes(head)) { $0[60] ^= 1 }
        log.close()
        let error = #expect(throws: LogError.self) { try scratch.open() }
        guard case .corrupt(let position, _) = error else {
            Issue.record("\(String(describing: error))"); return
        }
        #expect(position == Position(head))
    }
}
