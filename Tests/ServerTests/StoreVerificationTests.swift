import CareRecord
import EventLog
import Foundation
import LMDB
import Synchronization
import Testing
import Wire

@testable import Server

/// `log verify` over a whole store: one flipped byte of a key, a receipt's half or any read model's entry, and it is found
/// and named.
@Suite struct StoreVerificationTests {
    /// The golden store with everything folded: one view, one listing of accesses.
    static func filled() throws -> OldStoreTests.OldStore {
        let old = try OldStoreTests.OldStore()
        let store = try Store(at: old.directory, now: Instant(rfc3339: "2018-03-01T09:00:00Z"))
        _ = try store.view(
            ViewRequest(
                user: "dr-rowan", patient: PatientReference("9990177015")!, asker: TemporaryStore.asker))
        _ = try store.accesses(TrailRequest(asker: TemporaryStore.asker))
        _ = try store.makeCheckpoint()
        // Folded by searches alone.
        try store.people.catchUp(to: store.log.headPosition)
        store.close()
        return old
    }

    /// Changes every entry of a database, one after the other, and puts it back. An offset past the value is one of the key's: the entry
    /// is moved to the wrong key, unless another is there: then `flip` returns false.
    static func eachEntry(
        of folder: String, _ name: String,
        _ body: (_ number: Int, _ key: [UInt8], _ size: Int, _ flip: (Int) throws -> Bool) throws -> Void
    ) throws {
        func open() throws -> (Environment, Database) {
            let environment = try Environment(
                path: folder, options: EnvironmentOptions(maxMapBytes: 1 << 30, maxDatabases: 20))
            return (environment, try environment.openDatabase(name, create: false))
        }
        let (environment, database) = try open()
        let entries = try environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LMDBError) -> [([UInt8], [UInt8])] in
            try t.withCursor(database) { (cursor: inout Cursor) throws(LMDBError) in
                var out: [([UInt8], [UInt8])] = []
                while try cursor.next() { out.append(([UInt8](cursor.key), [UInt8](cursor.value))) }
                return out
            }
        }
        environment.close()
        // A key may have several values: all of them go back with it.
        func put(_ key: [UInt8], _ changed: (place: Int, value: [UInt8])?) throws {
            let (environment, database) = try open()
            defer { environment.close() }
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                try t.delete(database, key)
                for (place, entry) in entries.enumerated() where entry.0 == key {
                    let value = changed.flatMap { $0.place == place ? $0.value : nil } ?? entry.1
                    try t.put(database, key, value)
                }
            }
        }
        let keys = Set(entries.map(\.0))
        /// Where the entry lies that was moved.
        var moved: [UInt8]?
        func move(_ key: [UInt8], _ value: [UInt8], to wrong: [UInt8]) throws {
            let (environment, database) = try open()
            defer { environment.close() }
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                try t.delete(database, key)
                try t.put(database, wrong, value)
            }
            moved = wrong
        }
        func moveBack() throws {
            guard let wrong = moved else { return }
            let (environment, database) = try open()
            defer { environment.close() }
            try environment.withWriteTransaction {
                (t: borrowing WriteTransaction) throws(LMDBError) -> Void in
                _ = try t.delete(database, wrong)
            }
            moved = nil
        }
        // Another bit from byte to byte.
        func bit(_ offset: Int) -> UInt8 { 1 << UInt8(offset & 7) }
        for (number, (key, value)) in entries.enumerated() {
            try body(number, key, value.count) { offset in
                try moveBack()
                if offset < value.count {
                    var wrong = value
                    wrong[offset] ^= bit(offset)
                    try put(key, (number, wrong))
                } else {
                    var wrong = key
                    wrong[offset - value.count] ^= bit(offset)
                    try put(key, nil)
                    if keys.contains(wrong) { return false }
                    try move(key, value, to: wrong)
                }
                return true
            }
            try moveBack()
            try put(key, nil)
        }
    }

    @Test func aSoundStoreIsSound() throws {
        let old = try Self.filled()
        let report = try StoreVerification.run(at: old.directory)
        #expect(report.isSound, "\(report)")
        #expect(report.log.indexesChecked && report.log.checkpoints == 1)
        #expect(report.keys?.keys == 1024 && report.receipts == 4, "\(report)")
        #expect(report.views.map(\.name) == ["identity", "policy", "trail", "record", "people"])
        #expect(report.views.allSatisfy { $0.position != nil } && report.notChecked.isEmpty, "\(report)")
        #expect(!FileManager.default.fileExists(atPath: old.directory + "/views/verifying"))
    }

    /// Every step tells how far it is, ever further, to its end.
    @Test func progressIsToldOfEachStep() throws {
        let old = try Self.filled()
        let told = Mutex<[(step: String, done: UInt64, total: UInt64)]>([])
        let report = try StoreVerification.run(at: old.directory) { step, done, total in
            told.withLock { $0.append((step, done, total)) }
        }
        var steps: [String] = []
        var last: UInt64 = 0
        for (step, done, total) in told.withLock({ $0 }) {
            if steps.last != step {
                steps.append(step)
                last = 0
            }
            #expect(done >= last && (step == "keys" || done <= total), "\(step): \(done) of \(total)")
            last = done
        }
        let models = ["identity", "policy", "trail", "record", "people"].map { "the read model \($0)" }
        #expect(steps == ["the log", "keys", "receipts"] + models)
        let head = report.log.head.position.value
        for step in ["the log", "receipts"] {
            let end = told.withLock { $0.last { $0.step == step } }
            #expect(end?.done == head && end?.total == head, "\(step)")
        }
    }

    @Test func whatIsNotCheckedIsSaid() throws {
        let old = try Self.filled()
        var options = StoreVerifyOptions()
        options.fast = true
        let fast = try StoreVerification.run(at: old.directory, options: options)
        #expect(fast.isSound && fast.log.from > .start && fast.notChecked.count == 1 && fast.keys == nil)
        options = StoreVerifyOptions()
        options.logOnly = true
        let bare = try StoreVerification.run(at: old.directory, options: options)
        #expect(bare.isSound && bare.log.indexesChecked && bare.notChecked.count == 1)
        try FileManager.default.removeItem(atPath: old.directory + "/views")
        let without = try StoreVerification.run(at: old.directory)
        #expect(without.isSound && !without.notChecked.isEmpty, "\(without)")
    }

    static let tables = [
        "identity": [
            "states", "numbers", "edges", "seen", "feeds", "reviews", "claims", "claimants", "words",
            "erased",
            "counts", "meta",
        ],
        "policy": ["region", "facts", "ids", "meta"],
        "trail": [
            "receipts", "patients", "users", "sign-ins", "alerts", "alert-patients", "quarantine", "meta",
        ],
        "record": ["chapters", "items", "meta"],
        "people": ["people", "subjects", "meta"],
    ]

    @Test(arguments: ["identity", "policy", "trail", "record", "people"])
    func aFlippedByteOfAReadModelIsFoundAndNamed(name: String) throws {
        let old = try WholeStore.make()
        let views = old.directory + "/views"
        let folders = try FileManager.default.contentsOfDirectory(atPath: views)
        let folder = try #require(
            folders.first { $0.hasPrefix(name + ".v") && $0.split(separator: ".").count == 3 })
        var (flips, seen) = (0, 0)
        for table in try #require(Self.tables[name]) {
            try Self.eachEntry(of: views + "/" + folder, table) { number, key, size, flip in
                seen += 1
                // All entries of the small tables; a sample of the large ones, at both ends and inside of each entry.
                guard number < 4 || number % 16 == 0 else { return }
                // Of an entry without a value, its key's first byte.
                let offset = size == 0 ? 0 : [0, size - 1, size / 2][number % 3]
                _ = try flip(offset)
                flips += 1
                let report = try Self.verifyModel(old.directory, only: name)
                #expect(!report.isSound, "\(table), entry \(number), byte \(offset) of \(size)")
                let view = try #require(report.views.first { $0.problem != nil }, "\(report)")
                #expect(
                    view.name == name && Self.isNamed(view, table, key, isKey: size == 0),
                    "\(table), entry \(number): \(view)")
            }
        }
        #expect(flips >= 4 && flips <= seen)
        #expect(try StoreVerification.run(at: old.directory).isSound, "everything was put back")
    }

    /// Whether the table is named, and the entry by its key; what a model keeps of itself is told in words.
    static func isNamed(_ view: StoreVerifyReport.View, _ table: String, _ key: [UInt8], isKey: Bool) -> Bool
    {
        let problem = view.problem ?? ""
        if table == "meta" { return problem.contains("meta") || problem.contains("checkpoint") }
        let hex = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        // A sealed row is one of a subject's, whose token its key begins with.
        if problem.contains("a row of \(hex.prefix(32))") { return true }
        if isKey, problem.contains("a row of ") { return true }
        return problem.contains("\(table): ")
            && (isKey || problem.contains("key \(hex) ") || problem.contains("more entries"))
    }

    /// A resumed run whose other steps are noted as done: the one read model alone.
    static func verifyModel(_ directory: String, only name: String) throws -> StoreVerifyReport {
        var options = StoreVerifyOptions()
        options.resume = true
        let notes = directory + "/views/verifying"
        try FileManager.default.createDirectory(atPath: notes, withIntermediateDirectories: true)
        for step in ["keys", "receipts"] + tables.keys.filter({ $0 != name }).map({ "view-\($0)" }) {
            try Data().write(to: URL(filePath: "\(notes)/\(step).done"))
        }
        return try StoreVerification.run(at: directory, options: options)
    }

    @Test func aFlippedByteOfAKeyIsFoundAndNamed() throws {
        let old = try Self.filled()
        let keys = old.directory + "/keys"
        var flips = 0
        for table in ["slots", "joints", "meta"] {
            try Self.eachEntry(of: keys, table) { number, key, size, flip in
                guard number < 6 || number % 256 == 0 else { return }
                for offset in number == 3 || table != "slots" ? Array(0..<size) : [number % size] {
                    _ = try flip(offset)
                    flips += 1
                    let report = try? StoreVerification.run(at: old.directory)
                    let found = report?.keys?.problems ?? []
                    #expect(
                        !found.isEmpty, "\(table) \(number), byte \(offset): \(String(describing: report))")
                    if table == "slots" {
                        let slot = key.reduce(0) { $0 << 8 | UInt64($1) }
                        #expect(found.contains { $0.hasPrefix("slot \(slot):") }, "\(found)")
                    }
                }
            }
        }
        #expect(flips > 60)
        #expect(try StoreVerification.run(at: old.directory).isSound)
    }

    /// Whoever rewrites the checkpoints under a key of his own lays that beside them: the key store's is another.
    @Test func checkpointsOfAnotherKeyAreFound() throws {
        let (old, other) = (try Self.filled(), try TemporaryStore())
        let environment = try Environment(
            path: old.directory + "/log", options: EnvironmentOptions(maxMapBytes: 1 << 30, maxDatabases: 20))
        let checkpoints = try environment.openDatabase("checkpoints", create: false)
        try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            try t.clear(checkpoints)
        }
        environment.close()
        let log = try EventLog(LogPaths(store: old.directory))
        _ = try log.makeCheckpoint(try other.store.keys.makeSigner())
        log.close()
        var options = StoreVerifyOptions()
        options.logOnly = true
        #expect(try StoreVerification.run(at: old.directory, options: options).isSound)
        let report = try StoreVerification.run(at: old.directory)
        #expect(!report.isSound && report.log.problems.contains { $0.what.contains("key") }, "\(report)")
    }

    /// The number in the next line.
    private static func number(from pipe: Pipe) throws -> UInt64 {
        var digits = ""
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            digits.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return try #require(UInt64(digits))
    }

    @Test func itRunsBesideAWriter() throws {
        let old = try Self.filled()
        let (process, output) = (Process(), Pipe())
        process.executableURL = ErasureCrashTests.helper
        process.arguments = [old.directory]
        process.standardOutput = output
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var records: [UInt64] = []
        for _ in 0..<3 {
            // It wrote since the last run, and goes on.
            var written: UInt64 = 0
            while written <= records.last ?? 0 { written = try Self.number(from: output) }
            let report = try StoreVerification.run(at: old.directory)
            #expect(report.isSound && report.notChecked.isEmpty, "\(report)")
            records.append(report.log.records)
        }
        #expect(process.isRunning && records == Set(records).sorted() && records.count == 3, "\(records)")
    }
}
