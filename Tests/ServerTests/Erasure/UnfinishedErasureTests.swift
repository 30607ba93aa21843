import CareRecord
@_spi(Torture) import EventLog
import Foundation
import Testing
import Wire

@_spi(Torture) @testable import Server

/// An erasure that was ordered and could not be carried out: the next one does not forget it.
@Suite struct UnfinishedErasureTests {
    let fixture: ErasureFixture
    var store: Store { fixture.store }

    init() throws { fixture = try ErasureFixture() }

    private static let secrets = ["bronchiectasis", "c-lung", "an anxious caller"]

    /// Makes keys impossible to destroy: where the new file is to be made lies something that is not the key store's.
    private func obstruct(_ body: () throws -> Void) throws {
        let next = store.paths.keys + "/next"
        try FileManager.default.createDirectory(atPath: next, withIntermediateDirectories: false)
        try Data().write(to: URL(filePath: next + "/in-the-way"))
        defer { try? FileManager.default.removeItem(atPath: next) }
        try body()
    }

    @Test func theNextOneFinishesIt() throws {
        try obstruct {
            #expect(throws: StoreError.self) { try store.erase(fixture.request("ZZ101:G7")) }
            let note = try #require(try store.keys.erasureUnderWay())
            #expect(try store.erasures().count > 0, "it is ordered")
            // Nothing else is erased while that cannot be finished, and it is not forgotten.
            #expect(throws: StoreError.self) { try store.erase(fixture.request("ZZ101:G8")) }
            #expect(try store.keys.erasureUnderWay() == note)
        }
        #expect(try fixture.leaks(Self.secrets) == Self.secrets)
        // A request that is refused finishes it as well.
        #expect(throws: StoreError.self) { try store.erase(fixture.request("ZZ101:G8", approvedBy: [])) }
        #expect(try fixture.leaks(Self.secrets) == [])
        #expect(try store.keys.erasureUnderWay() == nil)
        _ = try store.erase(fixture.request("ZZ101:G8"))
        #expect(try fixture.leaks(["hallux valgus"]) == [])
        #expect(try fixture.readable().filter { $0.text.contains("keysDestroyed") }.count == 2)
        #expect(try store.log.verify().isSound)
    }

    @Test func aWipeThatFailedIsDoneBeforeItIsToldOf() throws {
        let old = store.paths.keys + "/old.mdb"
        let aside = fixture.temporary.directory + ".aside"
        defer { try? FileManager.default.removeItem(atPath: aside) }
        // A folder cannot be overwritten.
        store.keys.afterSteps { step in
            guard step == .swapped else { return }
            try? FileManager.default.moveItem(atPath: old, toPath: aside)
            try? FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: false)
        }
        #expect(throws: StoreError.self) { try store.erase(fixture.request("ZZ101:G7")) }
        // Nor is it by the next one.
        #expect(throws: StoreError.self) { try store.erase(fixture.request("ZZ101:G8")) }
        store.keys.afterSteps(nil)
        #expect(try fixture.readable().filter { $0.text.contains("keysDestroyed") }.isEmpty)
        try FileManager.default.removeItem(atPath: old)
        try FileManager.default.moveItem(atPath: aside, toPath: old)
        _ = try store.erase(fixture.request("ZZ101:G8"))
        #expect(!FileManager.default.fileExists(atPath: old))
        #expect(try fixture.leaks(Self.secrets) == [])
    }

    @Test func aLedgerFinishesItFirst() throws {
        let ledger = try store.erasureLedger()
        try obstruct {
            #expect(throws: StoreError.self) { try store.erase(fixture.request("ZZ101:G7")) }
        }
        #expect(try store.apply(ledger: ledger, asker: TemporaryStore.asker) == 0)
        #expect(try fixture.leaks(Self.secrets) == [] && store.keys.erasureUnderWay() == nil)
    }

    /// A key that does not read may die with those that are to go: nothing is ordered that could not be carried out.
    @Test func aKeyThatDoesNotReadStopsItBeforeItsOrder() throws {
        let (temporary, keys) = (fixture.temporary, store.paths.keys)
        try store.trail.catchUp(to: store.log.headPosition)
        store.close()
        var tried = false
        try StoreVerificationTests.eachEntry(of: keys, "slots") { _, key, size, flip in
            // The first of a joint key, which is longer than others: its kind is none then.
            guard !tried, size > 61, try flip(0) else { return }
            tried = true
            temporary.store = try Store(at: temporary.directory)
            defer { store.close() }
            let head = store.log.headPosition
            let error = #expect(throws: StoreError.self) { try store.erase(fixture.request("ZZ101:G7")) }
            let slot = KeySlot(key.reduce(0) { $0 << 8 | UInt64($1) })
            let said = error?.description ?? ""
            #expect(said.hasPrefix("\(slot): ") && said.contains("`daybook log verify`"), "\(said)")
            #expect(try store.log.headPosition == head && store.keys.erasureUnderWay() == nil)
        }
        #expect(tried)
        temporary.store = try Store(at: temporary.directory)
        _ = try store.erase(fixture.request("ZZ101:G7"))
        #expect(try fixture.leaks(Self.secrets) == [])
    }
}
