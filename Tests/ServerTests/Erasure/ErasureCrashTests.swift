import CareRecord
@_spi(Torture) import EventLog
import Foundation
import Testing
import Wire

@_spi(Torture) @testable import Server

/// A process that is killed between two steps of an erasure, and what the next start makes of it.
@Suite struct ErasureCrashTests {
    static let helper: URL = {
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path.count > 1 {
            let candidate = folder.appending(path: "erase-torture")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        fatalError("erase-torture is not built")
    }()

    @Test(arguments: ErasureStep.allCases) func whatWasOrderedIsDoneAtTheNextStart(_ fatal: ErasureStep)
        throws
    {
        let fixture = try ErasureFixture()
        let slot = try #require(
            try fixture.store.log.slot(of: fixture.store.keys.token(of: PatientReference("ZZ101:G7")!)))
        let wrapped = try entry(of: slot, fixture)
        #expect(try !fixture.holds(wrapped).isEmpty)
        let head = fixture.store.log.headPosition
        fixture.store.close()
        let process = Process()
        process.executableURL = Self.helper
        process.arguments = [fixture.temporary.directory, "ZZ101:G7", fatal.rawValue]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)
        try fixture.temporary.reopen()
        let store = fixture.store
        #expect(try store.keys.erasureUnderWay() == nil)
        if fatal == .intended {
            // The order is not in the log: nothing happened.
            #expect(store.log.headPosition == head)
            #expect(try fixture.leaks() == ErasureFixture.secrets)
            _ = try store.erase(fixture.request("ZZ101:G7"))
        }
        #expect(try fixture.leaks(["bronchiectasis", "c-lung", "an anxious caller"]) == [])
        #expect(try fixture.holds(wrapped) == [])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: store.paths.keys).sorted() == [
                "data.mdb", "lock.mdb",
            ])
        // Said once that they are destroyed, however often it was begun.
        let ends = try fixture.readable().filter { $0.text.contains("keysDestroyed") }
        #expect(ends.count == 1)
        #expect(try store.erasures().count { $0.order.target == .subject } == 1)
        let view = try fixture.temporary.view("consultant-1", ErasureFixture.number)
        #expect(view.answer.erased.count == 1)
        #expect(try store.log.verify().isSound)
        #expect(try store.rebuildProjection("record").difference == nil)
    }

    /// The key as it lies wrapped in the file: its last 60 bytes.
    private func entry(of slot: KeySlot, _ fixture: ErasureFixture) throws -> [UInt8] {
        try #require(try fixture.store.keys.storedEntry(slot)).suffix(60)
    }
}
