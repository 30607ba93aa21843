import EventLog
import Foundation
import Testing
import Wire

@_spi(Torture) @testable import Server

/// `log verify` holds the orders to erase against the key store, and a damaged note keeps none from being carried out.
@Suite struct ErasureCheckTests {
    let fixture: ErasureFixture
    var directory: String { fixture.temporary.directory }

    init() throws { fixture = try ErasureFixture() }

    private static let secrets = ["bronchiectasis", "c-lung", "an anxious caller"]

    /// An erasure that is in the log and was not carried out; the store is closed.
    private func order() throws {
        let next = fixture.store.paths.keys + "/next"
        try FileManager.default.createDirectory(atPath: next, withIntermediateDirectories: false)
        try Data().write(to: URL(filePath: next + "/in-the-way"))
        #expect(throws: StoreError.self) { try fixture.store.erase(fixture.request("ZZ101:G7")) }
        try FileManager.default.removeItem(atPath: next)
        fixture.store.close()
    }

    private func keys<R>(_ body: (KeyStore) throws -> R) throws -> R {
        let keys = try KeyStore(
            at: directory + "/keys", master: try MasterKey.load(.file(path: directory + ".key")))
        defer { keys.close() }
        return try body(keys)
    }

    @Test func anOlderCopyOfTheKeysIsFoundAndErasedAnew() throws {
        let files = FileManager.default
        fixture.store.close()
        let (keys, aside) = (directory + "/keys", directory + "/keys-aside")
        try files.copyItem(atPath: keys, toPath: aside)
        try fixture.temporary.reopen()
        let report = try fixture.store.erase(fixture.request("ZZ101:G7"))
        fixture.store.close()
        #expect(try StoreVerification.run(at: directory).isSound)
        try files.removeItem(atPath: keys)
        try files.moveItem(atPath: aside, toPath: keys)
        try files.removeItem(atPath: directory + "/views")
        try fixture.temporary.reopen()
        #expect(try fixture.leaks(Self.secrets) == Self.secrets, "it can be read again")
        fixture.store.close()
        let found = try StoreVerification.run(at: directory)
        #expect(!found.isSound && found.keys?.isSound == true)
        #expect(found.erasureProblems.first?.position == report.ordered.first)
        #expect(found.erasureProblems.first?.what.contains("daybook erasures apply") == true)
        try fixture.temporary.reopen()
        let ledger = try fixture.store.erasureLedger()
        #expect(try fixture.store.apply(ledger: ledger, asker: TemporaryStore.asker) > 0)
        #expect(try fixture.leaks(Self.secrets) == [])
        fixture.store.close()
        #expect(try StoreVerification.run(at: directory).isSound)
    }

    @Test func anErasureUnderWayIsNoProblem() throws {
        try order()
        let report = try StoreVerification.run(at: directory)
        #expect(report.erasureProblems.isEmpty, "\(report.erasureProblems)")
        // Without its note nobody finishes it.
        let note = try keys { keys in
            defer { try? keys.setErasureUnderWay(nil) }
            return try keys.erasureUnderWay()
        }
        #expect(try StoreVerification.run(at: directory).erasureProblems.count > 0)
        try keys { try $0.setErasureUnderWay(note) }
        #expect(try StoreVerification.run(at: directory).erasureProblems.isEmpty)
    }

    /// Each byte of it.
    @Test func aChangedNoteIsFoundAndTheOrderIsCarriedOut() throws {
        try order()
        let note = try #require(try keys { try $0.erasureUnderWay() })
        #expect(note.count == 28)
        for offset in note.indices {
            var wrong = note
            wrong[offset] ^= 1 << UInt8(offset & 7)
            try keys { try $0.setErasureUnderWay(wrong) }
            let report = try StoreVerification.run(at: directory)
            #expect(report.erasureProblems.first?.what.contains("does not read") == true, "byte \(offset)")
        }
        try fixture.temporary.reopen()
        #expect(try fixture.leaks(Self.secrets) == [])
        #expect(try fixture.store.keys.erasureUnderWay() == nil)
        #expect(try fixture.readable().count { $0.text.contains("keysDestroyed") } == 1)
        fixture.store.close()
        #expect(try StoreVerification.run(at: directory).isSound)
    }

    /// Notes of before had no checksum: one whose id is another's finds no order of its own, and all that is left is done.
    @Test(arguments: [0, 15, 16, 23]) func aChangedNoteOfBeforeLosesNoOrder(offset: Int) throws {
        try order()
        try keys { keys in
            var wrong = Array(try #require(try keys.erasureUnderWay()).prefix(24))
            wrong[offset] ^= 0x40
            try keys.setErasureUnderWay(wrong)
        }
        try fixture.temporary.reopen()
        #expect(try fixture.leaks(Self.secrets) == [])
        #expect(try fixture.store.keys.erasureUnderWay() == nil)
    }
}
