import EventLog
import Foundation
import LMDB
import Testing

@_spi(Torture) @testable import Server

/// `log verify` of a store that an older copy of keys was put in, or that an erasure was cut short in.
@Suite struct VerifyAgainTests {
    private func keys(_ directory: String) throws -> KeyStore {
        try KeyStore(at: directory + "/keys", master: try MasterKey.load(.file(path: directory + ".key")))
    }

    /// Leaves the key store without the last slot that the log names, and without a trace of it.
    private func forgetLastSlot(_ directory: String) throws {
        let log = try EventLog(LogPaths(store: directory), mode: .readOnly)
        let last = try log.maxKeySlot.value
        log.close()
        let environment = try Environment(
            path: directory + "/keys", options: EnvironmentOptions(maxMapBytes: 1 << 30, maxDatabases: 20))
        defer { environment.close() }
        let (slots, joints, meta) = (
            try environment.openDatabase("slots"), try environment.openDatabase("joints"),
            try environment.openDatabase("meta")
        )
        let lost = try environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LMDBError) -> (slots: [[UInt8]], joints: [[UInt8]]) in
            func entries(_ database: Database) throws(LMDBError) -> [([UInt8], [UInt8])] {
                try t.withCursor(database) { (cursor: inout Cursor) throws(LMDBError) in
                    var out: [([UInt8], [UInt8])] = []
                    while try cursor.next() { out.append(([UInt8](cursor.key), [UInt8](cursor.value))) }
                    return out
                }
            }
            return (
                try entries(slots).map(\.0).filter { Self.number($0) >= last },
                try entries(joints).filter { Self.number($0.1) >= last }.map(\.0)
            )
        }
        try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            for slot in lost.slots { try t.delete(slots, slot) }
            for name in lost.joints { try t.delete(joints, name) }
            try t.put(meta, Array("allocated".utf8), withUnsafeBytes(of: (last - 1).bigEndian) { Array($0) })
        }
    }

    private static func number(_ slot: [UInt8]) -> UInt64 { slot.reduce(0) { $0 << 8 | UInt64($1) } }

    /// Whatever a run that did not come to its end had noted.
    @Test func aKeyThatIsMissingIsFoundByWhoGoesOn() throws {
        let old = try StoreVerificationTests.filled()
        try forgetLastSlot(old.directory)
        let (notes, kept) = (old.directory + "/views/verifying", old.directory + "/kept")
        _ = try? StoreVerification.run(at: old.directory) { (step, _, _) in
            guard step == "receipts" else { return }
            try? FileManager.default.copyItem(atPath: notes, toPath: kept)
        }
        #expect(FileManager.default.fileExists(atPath: kept))
        try? FileManager.default.removeItem(atPath: notes)
        try FileManager.default.moveItem(atPath: kept, toPath: notes)
        var options = StoreVerifyOptions()
        options.resume = true
        let report = try StoreVerification.run(at: old.directory, options: options)
        #expect(!report.isSound)
        #expect(report.keys?.problems.contains { $0.contains("the log names it") } == true, "\(report)")
    }

    @Test func damageIsFoundWhileAnErasureIsLeftUndone() throws {
        let old = try StoreVerificationTests.filled()
        let store = try keys(old.directory)
        try store.setErasureUnderWay([UInt8](repeating: 7, count: 24))
        store.close()
        #expect(try StoreVerification.run(at: old.directory).isSound)
        let views = old.directory + "/views"
        let folder = try #require(
            try FileManager.default.contentsOfDirectory(atPath: views).first {
                $0.hasPrefix("trail.v") && $0.split(separator: ".").count == 3
            })
        var reports: [StoreVerifyReport] = []
        try StoreVerificationTests.eachEntry(of: views + "/" + folder, "receipts") { number, _, _, flip in
            guard number == 0 else { return }
            _ = try flip(0)
            reports.append(try StoreVerificationTests.verifyModel(old.directory, only: "trail"))
        }
        let report = try #require(reports.first)
        #expect(!report.isSound && report.views.contains { $0.problem != nil }, "\(report)")
    }
}
