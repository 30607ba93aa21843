import Foundation
import LMDB
import Testing

/// A data file whose values are taken out of it while somebody is in the middle of a read of it.
@Suite struct DataPageTests {
    let scratch = ScratchDirectory()

    private func value(_ n: Int) -> [UInt8] {
        // Some of them on pages of their own.
        [UInt8](repeating: UInt8(n % 250 + 1), count: n % 50 == 0 ? 20_000 : 40 + n % 90)
    }

    private var file: [UInt8] {
        Array(FileManager.default.contents(atPath: scratch.path + "/data.mdb") ?? Data())
    }

    /// Takes the values out of the file, in place.
    private func takeOutValues(_ pageBytes: Int) {
        let bytes = file
        let descriptor = open(scratch.path + "/data.mdb", O_WRONLY)
        defer { close(descriptor) }
        #expect(DataPage.bytes(ofFirst: Array(bytes.prefix(pageBytes))) == pageBytes)
        for (number, start) in stride(from: 0, to: bytes.count, by: pageBytes).enumerated() {
            let page = DataPage.withoutValues(
                Array(bytes[start..<start + pageBytes]), number: UInt64(number))
            #expect(page.count == pageBytes)
            #expect(pwrite(descriptor, page, page.count, off_t(start)) == page.count)
        }
    }

    private func holds(_ bytes: [UInt8]) -> Bool { Data(file).range(of: Data(bytes)) != nil }

    @Test func whoIsReadingGoesOnAndMeetsZeros() throws {
        let environment = try Environment(
            path: scratch.path, options: EnvironmentOptions(maxMapBytes: 64 << 20, maxDatabases: 4))
        let databases = try ["a", "b"].map { try environment.openDatabase($0) }
        // What was there before and is free now is in the file too.
        for round in 0..<3 {
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                for n in 1...3000 where round < 2 || n % 3 == 0 {
                    try t.put(
                        databases[n % 2], UInt64(n),
                        round == 1 ? [UInt8](repeating: 0xEE, count: 60) : value(n))
                }
            }
        }
        let wanted = Set((1...3000).filter { $0 % 2 == 0 }.map { UInt64($0) })
        try environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            try t.withCursor(databases[0]) { (cursor: inout Cursor) throws(LMDBError) in
                var seen: Set<UInt64> = []
                while seen.count < wanted.count / 2, try cursor.next() {
                    seen.insert(cursor.key.loadUnaligned(as: UInt64.self).bigEndian)
                    #expect(cursor.value.contains { $0 != 0 })
                }
                let samples = [[UInt8](repeating: 0xEE, count: 30), Array(value(7).prefix(30)), value(150)]
                #expect(samples.allSatisfy(holds))
                takeOutValues(environment.pageBytes)
                #expect(!samples.contains(where: holds))
                while seen.count <= wanted.count, try cursor.next() {
                    seen.insert(cursor.key.loadUnaligned(as: UInt64.self).bigEndian)
                    #expect(!cursor.value.isEmpty && cursor.value.allSatisfy { $0 == 0 })
                }
                #expect(seen == wanted)
            }
            // Another search in the same transaction, and in the other database, finds its way as well.
            for n in [1, 2, 999, 1000, 1500, 3000] {
                let found = try t.copy(databases[n % 2], UInt64(n)) ?? []
                #expect(!found.isEmpty && found.allSatisfy { $0 == 0 })
            }
            #expect(try t.copy(databases[0], UInt64(3001)) == nil)
        }
        environment.close()
        // And one that begins now.
        let again = try Environment(
            path: scratch.path,
            options: EnvironmentOptions(maxMapBytes: 64 << 20, maxDatabases: 4, readOnly: true))
        let database = try again.openDatabase("a", create: false)
        let entries = try again.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            (try t.statistics(database).entries, try t.copy(database, UInt64(150)))
        }
        #expect(entries.0 == 1500 && entries.1 == [UInt8](repeating: 0, count: value(150).count))
    }

    @Test func aPageThatIsNoneBecomesZeros() {
        let page = (0..<4096).map { UInt8($0 % 251) }
        let zeros = [UInt8](repeating: 0, count: 4096)
        #expect(DataPage.withoutValues(page, number: 3) == zeros)
        for kind in [UInt8(1), 2, 0x22, 0x40] {
            // Its number right, its kind something, and its nodes nowhere.
            var page = page
            page.replaceSubrange(0..<16, with: [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, kind, 0, 40, 0, 200, 15])
            #expect(DataPage.withoutValues(page, number: 3) == zeros, "\(kind)")
        }
        #expect(DataPage.withoutValues([1, 2, 3], number: 0) == [0, 0, 0])
        #expect(DataPage.bytes(ofFirst: zeros) == nil && DataPage.bytes(ofFirst: [1]) == nil)
    }
}
