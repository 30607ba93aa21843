import CareRecord
import EventLog
import Foundation
import Server
import Testing
import Wire

/// Stores made by earlier versions stay readable. Golden/store-1 was made before there were checkpoints and signing keys:
/// samples/ ingested, one view of 18 items recorded at position 52.
@Suite struct OldStoreTests {
    static let root = "62547d8afe65b78058c2f69fea9537504342eaf5ade064146ee72cfdf8357f9d"

    final class OldStore {
        let directory = NSTemporaryDirectory() + "daybook-old-\(UUID().uuidString)"

        init() throws {
            let files = FileManager.default
            let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "Golden/store-1"
            ).path
            for (name, place) in [("log.mdb", "/log"), ("keys.mdb", "/keys")] {
                try files.createDirectory(atPath: directory + place, withIntermediateDirectories: true)
                try files.copyItem(atPath: golden + "/" + name, toPath: directory + place + "/data.mdb")
            }
            try files.copyItem(atPath: golden + "/store.key", toPath: directory + ".key")
            // Git keeps no modes but one bit: the key's file must be its owner's only.
            try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory + ".key")
        }

        deinit {
            try? FileManager.default.removeItem(atPath: directory)
            try? FileManager.default.removeItem(atPath: directory + ".key")
        }
    }

    @Test func aLogWithoutCheckpointsIsInspectedAsItIs() throws {
        let old = try OldStore()
        let inspection = try LogInspection(LogPaths(store: old.directory))
        let report = try inspection.verify()
        #expect(report.isSound && report.records == 53 && report.head.root.hex == Self.root)
        inspection.close()
    }

    /// As `daybook log verify` runs it, on the store as it was found.
    @Test func anOldStoreIsVerifiedWhole() throws {
        let old = try OldStore()
        let bare = try StoreVerification.run(at: old.directory)
        #expect(bare.isSound && bare.log.records == 53 && bare.log.head.root.hex == Self.root)
        #expect(bare.keys?.problems == [] && bare.log.checkpoints == 0)
        #expect(bare.notChecked.count == 2, "it came without indexes, and that is said: \(bare)")
        // A start builds them.
        try Store(at: old.directory).close()
        let whole = try StoreVerification.run(at: old.directory)
        #expect(whole.isSound && whole.log.indexesChecked && whole.receipts == 2, "\(whole)")
        #expect(whole.views.count >= 4 && whole.views.allSatisfy { $0.problem == nil }, "\(whole)")
    }

    @Test func anOldStoreAnswersAsItDid() throws {
        let old = try OldStore()
        let store = try Store(at: old.directory, now: Instant(rfc3339: "2018-03-01T09:00:00Z"))
        #expect(try store.log.verify().isSound)
        #expect(try store.log.newestCheckpoint() == nil)
        let answer = try store.view(
            ViewRequest(
                user: "dr-rowan", patient: PatientReference("9990177015")!, asker: TemporaryStore.asker))
        #expect(answer.answer.items.count == 18)
        store.close()
    }

    /// What a version before left of a read model is never read: the record is folded anew from the log, and says the same.
    @Test func anOlderVersionOfAReadModelIsFoldedAnew() throws {
        let old = try OldStore()
        let request = ViewRequest(
            user: "dr-rowan", patient: PatientReference("9990177015")!, asker: TemporaryStore.asker)
        func shown() throws -> (items: [String], version: Int) {
            let store = try Store(at: old.directory, now: Instant(rfc3339: "2018-03-01T09:00:00Z"))
            defer { store.close() }
            let items = try store.view(request).answer.items.map {
                "\($0.position) \($0.reference) " + String(decoding: $0.resource ?? [], as: UTF8.self)
            }
            let record = try #require(try store.projections().first { $0.name == "record" })
            return (items, record.version)
        }
        let before = try shown()
        let (files, views) = (FileManager.default, old.directory + "/views")
        let (own, older) = ("record.v\(before.version)", "record.v\(before.version - 1)")
        try files.moveItem(atPath: "\(views)/\(own).0", toPath: "\(views)/\(older).0")
        try files.removeItem(atPath: "\(views)/\(own)")
        try files.createSymbolicLink(atPath: "\(views)/\(older)", withDestinationPath: "\(older).0")
        let after = try shown()
        #expect(after.items == before.items && after.items.count == 18)
        let left = try files.contentsOfDirectory(atPath: views)
        #expect(left.contains(own) && !left.contains { $0.hasPrefix(older) }, "\(left)")
    }
}
