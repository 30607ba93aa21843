import CareRecord
@_spi(Torture) import EventLog
import Foundation
import Intake
import Projections
import Synchronization
import Testing
import Wire

@_spi(Torture) @testable import Server

/// A stream has one living key, so that an erasure leaves none.
@Suite struct KeysOfAStreamTests {
    let fixture: ErasureFixture
    var store: Store { fixture.store }

    init() throws { fixture = try ErasureFixture() }

    /// A proposal that tells a stream's slot, and is refused where it is to be.
    private func proposal(_ stream: StreamToken, refused: Bool) throws -> (KeySlot, Proposal) {
        let slot = try store.keys.reserve(for: stream, known: store.knownSlot)
        let record = try store.sealer.seal(
            .housekeeping, stream: stream, slotA: slot, bodyA: [BodyItem([1])], slotB: .region,
            bodyB: [BodyItem(Array(#"{"v":1,"namesKey":true}"#.utf8))])
        let conditions = refused ? [Condition.classUnchanged(.regionFact, since: .start)] : []
        return (slot, Proposal(records: [record], conditions: conditions))
    }

    @Test(arguments: [false, true]) func whatIsRefusedSettlesNoReservation(wasErased: Bool) throws {
        let patient = wasErased ? "ZZ101:G8" : "9990000034"
        if wasErased { _ = try store.erase(fixture.request(patient)) }
        let stream = store.keys.token(of: try #require(PatientReference(patient)))
        let (first, refused) = try proposal(stream, refused: true)
        let (second, slow) = try proposal(stream, refused: false)
        #expect(first == second)
        guard case .refused = try store.append([refused])[0] else {
            Issue.record("it was taken")
            return
        }
        let (third, quick) = try proposal(stream, refused: false)
        for proposal in [slow, quick] {
            guard case .appended = try store.append([proposal])[0] else {
                Issue.record("it was refused")
                return
            }
        }
        #expect(third == second, "both lie under one key")
        #expect(try store.log.slot(of: stream) == second && store.keys.reservations == 0)
    }

    // MARK: Two living keys

    /// As stores were written before: two records in the queue at once told the patient's stream two slots.
    private func tellAnotherKey(_ patient: String, _ text: String) throws -> KeySlot {
        let stream = store.keys.token(of: try #require(PatientReference(patient)))
        let slot = try store.keys.reserve(for: StreamToken(high: .random(in: 1 ... .max), low: 7))
        let record = try store.sealer.seal(
            .housekeeping, stream: stream, slotA: slot, bodyA: [BodyItem(Array(text.utf8))],
            slotB: .region, bodyB: [BodyItem(Array(#"{"v":1,"namesKey":true}"#.utf8))])
        guard case .appended = try store.append([Proposal(records: [record])])[0] else {
            throw CocoaError(.featureUnsupported)
        }
        #expect(try store.log.slot(of: stream) == slot)
        return slot
    }

    @Test func anErasureTakesEveryKeyThatAStreamWasTold() throws {
        let stream = store.keys.token(of: try #require(PatientReference("ZZ101:G7")))
        let first = try #require(try store.log.slot(of: stream))
        let (backup, restored) = (
            fixture.temporary.directory + "-backup", fixture.temporary.directory + "-again"
        )
        defer { for path in [backup, restored] { try? FileManager.default.removeItem(atPath: path) } }
        let second = try tellAnotherKey("ZZ101:G7", "told under the second key")
        _ = try store.backUp(to: backup)
        #expect(first != second && !store.keys.isDestroyed(first))
        let report = try store.erase(fixture.request("ZZ101:G7"))
        #expect(report.plan.subjects.count == 1)
        #expect(store.keys.isDestroyed(first) && store.keys.isDestroyed(second))
        #expect(try fixture.leaks(["told under the second key"]) == [])
        #expect(try store.erasedNotices(of: [stream]).map(\.subjects) == [1])
        // Nothing is left to take.
        #expect(throws: StoreError.self) { try store.erase(fixture.request("ZZ101:G7")) }
        // And the ledger takes both anew in what is restored from before.
        let done = try Store.restore(
            backup, to: restored, ledger: try store.erasureLedger(),
            masterKey: .file(path: fixture.temporary.directory + ".key"), asker: TemporaryStore.asker
        ) { _, _ in }
        #expect(done.erased >= 2)
        let again = try Store(
            at: restored, masterKey: .file(path: fixture.temporary.directory + ".key"))
        defer { again.close() }
        #expect(again.keys.isDestroyed(first) && again.keys.isDestroyed(second))
    }

    /// Before anything of the log is restored, which may take hours.
    @Test func aMasterKeyThatDoesNotFitStopsARestoreAtOnce() throws {
        let (backup, restored) = (
            fixture.temporary.directory + "-backup", fixture.temporary.directory + "-again"
        )
        defer { for path in [backup, restored] { try? FileManager.default.removeItem(atPath: path) } }
        _ = try store.backUp(to: backup)
        let other = fixture.temporary.directory + ".other"
        defer { try? FileManager.default.removeItem(atPath: other) }
        _ = try MasterKey.create(file: other)
        for key in [other, other + ".missing"] {
            #expect(throws: StoreError.self) {
                try Store.restore(
                    backup, to: restored, ledger: try store.erasureLedger(), masterKey: .file(path: key),
                    asker: TemporaryStore.asker
                ) { _, _ in Issue.record("the log is being restored") }
            }
        }
        #expect(!FileManager.default.fileExists(atPath: restored))
    }

    /// The newest was destroyed when only that was known; what lies under the older one is taken by another erasure.
    @Test func aKeyThatAnOlderErasureLeftIsTakenByTheNext() throws {
        let stream = store.keys.token(of: try #require(PatientReference("ZZ101:G7")))
        let first = try #require(try store.log.slot(of: stream))
        let second = try tellAnotherKey("ZZ101:G7", "told under the second key")
        try store.keys.destroy([second])
        _ = try store.erase(fixture.request("ZZ101:G7"))
        #expect(store.keys.isDestroyed(first))
    }

    // MARK: Quarantine

    /// A message in quarantine, its patient given by NHS number alone, that the region's next declaration lets in.
    private func quarantine() throws -> Store.Quarantined {
        let system = "https://fhir.nhs.uk/Id/nhs-number"
        let message = MainJobTests.condition("c-late", patient: "G7", text: "a delayed finding").replacing(
            #"{"reference":"Patient/G7"}"#,
            with: #"{"identifier":{"system":"\#(system)","value":"9990000018"}}"#)
        #expect(try fixture.temporary.ingest("ZZ101", message, name: "late.json").quarantined == 1)
        try fixture.temporary.apply(ErasureFixture.region.replacing(system, with: "https://example.org/nhs"))
        return try #require(try store.openQuarantine().last)
    }

    @Test func twoRetriesAtOnceTakeItOnce() throws {
        let entry = try quarantine()
        let store = store
        let taken = Counter()
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            if (try? store.retryQuarantined(id: entry.id)) != nil { taken.add() }
        }
        #expect(taken.value == 1)
        let closings = #""closes":\#(entry.position.value)}"#
        #expect(try fixture.readable().filter { $0.text.contains(closings) }.count == 1)
    }

    /// A retry that begins while the message's key is being destroyed finds it gone.
    @Test func aRetryBesideAnErasureBringsNothingBack() throws {
        let entry = try quarantine()
        let store = store
        let ended = DispatchSemaphore(value: 0)
        let taken = Counter()
        store.afterErasureSteps { step in
            guard step == .intended else { return }
            Thread.detachNewThread {
                if (try? store.retryQuarantined(id: entry.id)) != nil { taken.add() }
                ended.signal()
            }
        }
        _ = try store.erase(fixture.request("ZZ101:G7"))
        ended.wait()
        #expect(taken.value == 0)
        #expect(try fixture.leaks(["a delayed finding"]) == [])
    }
}

/// How often something happened, on whatever threads.
private final class Counter: Sendable {
    private let count = Mutex(0)
    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}
