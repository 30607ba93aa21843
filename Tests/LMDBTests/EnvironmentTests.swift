import Foundation
import LMDB
import Testing

@Suite struct EnvironmentTests {
    let scratch = ScratchDirectory()

    func open(mapBytes: Int = 64 << 20, readOnly: Bool = false) throws -> Environment {
        try Environment(
            path: scratch.path, options: EnvironmentOptions(maxMapBytes: mapBytes, readOnly: readOnly))
    }

    @Test func committedValuesAreThereAfterReopening() throws {
        do {
            let env = try open()
            let db = try env.openDatabase("a")
            let txn = try env.beginWrite()
            try txn.put(db, 7, [1, 2, 3], .append)
            try txn.put(db, [9], [4])
            try txn.commit()
            env.close()
        }
        let env = try open(readOnly: true)
        let db = try env.openDatabase("a", create: false)
        let (a, b, missing) = try env.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LMDBError) in
            (try t.copy(db, 7), try t.copy(db, [9]), try t.copy(db, 8))
        }
        #expect(a == [1, 2, 3])
        #expect(b == [4])
        #expect(missing == nil)
    }

    /// A hole in a file that is written through a map is SIGBUS on a full disk.
    @Test func theTableOfReadersHasItsBlocks() throws {
        let env = try open()
        var status = stat()
        #expect(stat(scratch.path + "/lock.mdb", &status) == 0)
        #expect(status.st_size == 64 * (env.options.maxReaders + 2))
        #expect(Int(status.st_blocks) * 512 >= status.st_size)
        // They count as what a store takes: one such table for each of its environments.
        #expect(status.st_size <= 16 << 10)
        #expect(try env.info.maxReaders == env.options.maxReaders)
    }

    @Test func aDroppedTransactionLeavesNothing() throws {
        let env = try open()
        let db = try env.openDatabase("a")
        do {
            let txn = try env.beginWrite()
            try txn.put(db, 1, [1])
        }
        struct Stop: LMDBErrorConvertible { init(_: LMDBError) {}; init() {} }
        #expect(throws: Stop.self) {
            try env.withWriteTransaction { (t: borrowing WriteTransaction) throws(Stop) in
                do throws(LMDBError) { try t.put(db, 2, [2]) } catch { throw Stop(error) }
                throw Stop()
            }
        }
        let entries = try env.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            try t.statistics(db).entries
        }
        #expect(entries == 0)
    }

    @Test func oneProcessOpensAnEnvironmentOnce() throws {
        let env = try open()
        let again = #expect(throws: LMDBError.self) { _ = try open() }
        #expect(again?.code == EBUSY)
        env.close()
        let reopened = try open()
        #expect(throws: LMDBError.self) { try env.beginWrite().abort() }
        reopened.close()
    }

    @Test func closingWaitsForTheLastReader() throws {
        let env = try open()
        let db = try env.openDatabase("a")
        try env.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.put(db, 1, [5])
        }
        let read = try env.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            env.close()
            return try t.copy(db, 1)
        }
        #expect(read == [5])
        try open().close()
    }

    @Test func aFullMapIsTypedAndTheEnvironmentGoesOn() throws {
        let env = try open(mapBytes: 1 << 20)
        let db = try env.openDatabase("a")
        let full = #expect(throws: LMDBError.self) {
            let txn = try env.beginWrite()
            for key in 0..<4096 as Range<UInt64> { try txn.put(db, key, [UInt8](repeating: 1, count: 1000)) }
            try txn.commit()
        }
        #expect(full?.isMapFull == true)
        #expect(full?.name == "MDB_MAP_FULL")
        try env.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.put(db, 1, [1])
        }
    }

    @Test func appendsOutOfOrderAreRefused() throws {
        let env = try open()
        let db = try env.openDatabase("a")
        let error = #expect(throws: LMDBError.self) {
            try env.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                try t.put(db, 2, [1], .append)
                try t.put(db, 1, [1], .append)
            }
        }
        #expect(error?.isKeyExists == true)
    }

    @Test func manyReadersAtOnceEachSeeAWholeSnapshot() async throws {
        let env = try open()
        let db = try env.openDatabase("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        let same = try env.withReadTransaction {
                            (t: borrowing ReadTransaction) throws(LMDBError) in
                            try t.copy(db, 1) == t.copy(db, 2)
                        }
                        #expect(same)
                    }
                }
            }
            for round in 0..<50 as Range<UInt8> {
                try env.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                    try t.put(db, 1, [round])
                    try t.put(db, 2, [round])
                }
            }
            try await group.waitForAll()
        }
        #expect(try env.info.readers <= 16)
    }

    @Test func zerosAheadAreInvisibleAndCutOffAgain() throws {
        let env = try open()
        let db = try env.openDatabase("a")
        let used = try env.info.usedBytes
        try env.writeZeros(at: used + 8 * 4096, count: 1 << 20)
        #expect(try env.fileBytes == used + 8 * 4096 + 1 << 20)
        try env.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            for key in 0..<100 as Range<UInt64> {
                try t.put(db, key, [UInt8](repeating: 7, count: 900), .append)
            }
        }
        try env.truncateToUsed()
        #expect(try env.fileBytes == env.info.usedBytes)
        env.close()
        let again = try open()
        let same = try again.openDatabase("a")
        let value = try again.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            try t.copy(same, 99)
        }
        #expect(value == [UInt8](repeating: 7, count: 900))
    }

    @Test func aCompactingCopyOpensByItself() throws {
        let env = try open()
        let db = try env.openDatabase("a")
        try env.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.put(db, 1, [1])
        }
        let target = ScratchDirectory()
        try env.copy(to: target.path, compacting: true)
        let copied = try Environment(path: target.path, options: EnvironmentOptions(maxMapBytes: 1 << 20))
        let there = try copied.openDatabase("a", create: false)
        let value = try copied.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            try t.copy(there, 1)
        }
        #expect(value == [1])
    }
}
