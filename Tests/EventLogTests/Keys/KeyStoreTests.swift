import Ciphers
import LMDB
import Testing
import Wire

@testable import EventLog

@Suite struct KeyStoreTests {
    let folder: TemporaryFolder
    let master: SecretKey

    init() throws {
        folder = try TemporaryFolder()
        master = try SecretKey.random()
    }

    func create() throws -> KeyStore {
        try KeyStore.create(at: folder.path, master: master, mapBytes: 1 << 26)
    }

    func reopen(_ store: KeyStore, used: KeySlot) throws -> KeyStore {
        store.close()
        let again = try KeyStore(at: folder.path, master: master, mapBytes: 1 << 26)
        try again.setUsed(through: used)
        return again
    }

    static func stream(_ n: UInt64) -> StreamToken { StreamToken(high: n, low: 1) }

    @Test func keysSurviveReopening() throws {
        let store = try create()
        let slots = [
            KeySlot.region, try store.reserve(for: Self.stream(1)), try store.reserve(for: Self.stream(2)),
        ]
        #expect(slots[1] == .firstFree && slots[2].value == 4)
        let keys = try slots.map { try store.key($0) }
        #expect(!keys[1].matches(keys[2]) && !keys[0].matches(keys[1]))
        let again = try reopen(store, used: slots[2])
        for (slot, key) in zip(slots, keys) { #expect(try again.key(slot).matches(key)) }
        #expect(try again.reserve(for: Self.stream(3)).value == 5)
    }

    @Test func aStreamHasOneSlot() throws {
        let store = try create()
        let slot = try store.reserve(for: Self.stream(1))
        #expect(try store.reserve(for: Self.stream(1)) == slot)
        #expect(try store.reserve(for: Self.stream(2)) != slot)
        #expect(try store.reserve(for: Self.stream(3), known: { _ in KeySlot(77) }) == KeySlot(77))
        #expect(store.reservations == 2)
        func appended(_ slot: KeySlot, _ flags: RecordFlags = []) -> RecordHeader {
            RecordHeader(
                recordClass: .sourceUpdate, flags: flags, lengthA: 1, slotA: slot, stream: Self.stream(1),
                hashA: .zero)
        }
        // A record that tells another slot, or none of its stream's, settles nothing.
        store.settle([appended(KeySlot(slot.value + 1)), appended(slot, .foreignSlotA), appended(.region)])
        #expect(store.reservations == 2)
        store.settle([appended(slot)])
        #expect(store.reservations == 1)
        #expect(try store.reserve(for: Self.stream(1), known: { _ in slot }) == slot)
    }

    @Test func nothingIsGivenOutWhereTheLogCannotBeAsked() throws {
        let store = try create()
        let failure = LogError.damaged(what: "the index")
        #expect(throws: failure) {
            try store.reserve(for: Self.stream(1), known: { (_) throws(LogError) in throw failure })
        }
        #expect(store.reservations == 0)
    }

    @Test func whatTheLogNeverNamedIsGivenOutAgain() throws {
        let store = try create()
        let first = try store.reserve(for: Self.stream(1))
        _ = try store.reserve(for: Self.stream(2))
        let again = try reopen(store, used: first)
        #expect(try again.reserve(for: Self.stream(9)).value == first.value + 1)
    }

    @Test func batchesFollowEachOtherDurably() throws {
        let store = try create()
        var seen: Set<KeySlot> = []
        for n in 1...UInt64(3000) {
            let slot = try store.reserve(for: Self.stream(n))
            #expect(seen.insert(slot).inserted)
            // Durable before it is given out: another reader of the disk has it.
            if n % 500 == 0 { _ = try store.key(slot) }
        }
        #expect(seen.min() == .firstFree && seen.max() == KeySlot(3002))
        let again = try reopen(store, used: KeySlot(3002))
        #expect(try again.reserve(for: Self.stream(5000)) == KeySlot(3003))
        _ = try again.key(KeySlot(3003))
        #expect(throws: LogError.self) { try again.key(KeySlot(4097)) }
    }

    @Test func anotherMasterKeyIsRefused() throws {
        try create().close()
        let other = try SecretKey.random()
        #expect(throws: LogError.self) { try KeyStore(at: folder.path, master: other, mapBytes: 1 << 26) }
    }

    @Test func creatingOverAStoreIsRefused() throws {
        try create().close()
        #expect(throws: LogError.self) { try create() }
        #expect(throws: LogError.self) {
            try KeyStore(at: try folder.folder("empty"), master: master, mapBytes: 1 << 26)
        }
    }

    @Test func aReadOnlyStoreGivesKeysButNoNewSlots() throws {
        let store = try create()
        let slot = try store.reserve(for: Self.stream(1))
        let key = try store.key(slot)
        store.close()
        let reader = try KeyStore(at: folder.path, master: master, readOnly: true, mapBytes: 1 << 26)
        #expect(try reader.key(slot).matches(key))
        try reader.setUsed(through: KeySlot(1024))
        #expect(throws: LogError.readOnly) { try reader.reserve(for: Self.stream(2)) }
    }

    @Test func jointKeysAreTheSameForTheSameSet() throws {
        let store = try create()
        let slots = try (1...4).map { try store.reserve(for: Self.stream($0)) }
        let joint = try store.joint(of: [slots[2], slots[0], slots[2]])
        #expect(joint > slots[3])
        #expect(try store.joint(of: [slots[0], slots[2]]) == joint)
        #expect(try store.joint(of: [slots[0], slots[1], slots[2]]) != joint)
        #expect(try store.joint(of: [slots[1], slots[1]]) == slots[1])
        let key = try store.key(joint)
        let again = try reopen(store, used: slots[3])
        #expect(try again.joint(of: [slots[0], slots[2]]) == joint)
        #expect(try again.key(joint).matches(key))
        // Joint keys that the log never named stay what they are: no stream gets their slots.
        var given: Set<KeySlot> = []
        for n in 10..<UInt64(20) { given.insert(try again.reserve(for: Self.stream(n))) }
        #expect(given.min() == KeySlot(slots[3].value + 3) && !given.contains(joint))
    }

    @Test func jointsOfNothingAreRefused() throws {
        let store = try create()
        #expect(throws: LogError.self) { try store.joint(of: []) }
        #expect(throws: LogError.self) { try store.joint(of: [.none, .region]) }
        #expect(throws: LogError.self) { try store.joint(of: [.region, KeySlot(1 << 50)]) }
        _ = try store.joint(of: (3..<67).map { KeySlot($0) })
    }

    @Test func aDestroyedKeyTakesItsJointKeysAlong() throws {
        let store = try create()
        let slots = try (1...3).map { try store.reserve(for: Self.stream($0)) }
        let joint = try store.joint(of: [slots[0], slots[1]])
        store.close()
        try overwrite(slots[1], with: [KeyEntry.Kind.destroyed])
        let again = try KeyStore(at: folder.path, master: master, mapBytes: 1 << 26)
        try again.setUsed(through: joint)
        #expect(throws: LogError.destroyed(slot: slots[1])) { try again.key(slots[1]) }
        #expect(throws: LogError.destroyed(slot: slots[1])) { try again.key(joint) }
        #expect(throws: LogError.destroyed(slot: slots[1])) { try again.joint(of: [slots[1], slots[2]]) }
        _ = try again.key(slots[0])
    }

    @Test func damagedEntriesAreToldAndNeverCrash() throws {
        let store = try create()
        let joint = try store.joint(of: [KeySlot(10), KeySlot(11)])
        store.close()
        let damaged: [[UInt8]] = [
            [], [0], [1], [9, 9], [1] + [UInt8](repeating: 0, count: 60), [2], [2, 0], [2, 2, 0], [2, 200],
            [2, 2] + [UInt8](repeating: 0xFF, count: 16) + [UInt8](repeating: 0, count: 60),
            // A joint key that would die with itself.
            [2, 2] + KeyStore.bytes(joint) + KeyStore.bytes(joint) + [UInt8](repeating: 0, count: 116),
        ]
        for entry in damaged {
            try overwrite(joint, with: entry)
            let again = try KeyStore(at: folder.path, master: master, mapBytes: 1 << 26)
            #expect(throws: LogError.self) { try again.key(joint) }
            again.close()
        }
    }

    @Test func aKeyDoesNotOpenInAnotherSlot() throws {
        let store = try create()
        store.close()
        let stolen = try entry(KeySlot(3))
        try overwrite(KeySlot(4), with: stolen)
        let again = try KeyStore(at: folder.path, master: master, mapBytes: 1 << 26)
        _ = try again.key(KeySlot(3))
        #expect(throws: LogError.self) { try again.key(KeySlot(4)) }
    }

    @Test func aFullMapIsToldAndLosesNothing() throws {
        let store = try KeyStore.create(at: folder.path, master: master, mapBytes: 1 << 20)
        var given: [KeySlot] = []
        var refusal: LogError?
        while refusal == nil, given.count < 100_000 {
            do { given.append(try store.reserve()) } catch { refusal = error }
        }
        guard case .full(let used, let map) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(used > 0 && map == 1 << 20)
        let last = try #require(given.last)
        #expect(last.value % KeyLimits.batch == 0, "slots are given out to the last durable one")
        let key = try store.key(last)
        #expect(throws: LogError.self) { try store.reserve() }
        let again = try reopen(store, used: last)
        #expect(try again.key(last).matches(key))
        #expect(try again.reserve() == KeySlot(last.value + 1))
    }

    @Test func theCacheForgetsAndTheKeysStay() throws {
        var cache = KeyCache(capacity: 8)
        let keys = try (0..<100).map { _ in try SecretKey.random() }
        for (n, key) in keys.enumerated() {
            cache.insert(key, KeySlot(UInt64(n)))
            #expect(cache.count <= 8)
            if n > 0 { #expect(cache.key(KeySlot(UInt64(n - 1)))?.matches(keys[n - 1]) == true) }
        }
        #expect(cache.key(KeySlot(0)) == nil)
        cache.remove(KeySlot(99))
        #expect(cache.key(KeySlot(99)) == nil)
    }

    @Test func noShardKeepsWhatWasForgotten() throws {
        let cache = SharedKeyCache(capacity: 1 << 10)
        let keys = try (0..<40).map { _ in try SecretKey.random() }
        for (n, key) in keys.enumerated() {
            let slot = KeySlot(UInt64(n))
            cache.insert(key, slot, readIn: cache.key(slot).generation)
        }
        for (n, key) in keys.enumerated() {
            #expect(cache.key(KeySlot(UInt64(n))).key?.matches(key) == true)
        }
        // Read before keys are forgotten, and ready after: it may be one of them.
        let late = (100..<140).map { KeySlot(UInt64($0)) }
        let read = late.map { cache.key($0).generation }
        cache.forget([KeySlot(3), KeySlot(20)])
        for (slot, generation) in zip(late, read) { cache.insert(keys[0], slot, readIn: generation) }
        #expect(late.allSatisfy { cache.key($0).key == nil })
        for n in keys.indices {
            #expect((cache.key(KeySlot(UInt64(n))).key == nil) == (n == 3 || n == 20))
        }
        let before = cache.key(KeySlot(7)).generation
        cache.forgetAll()
        cache.insert(keys[7], KeySlot(7), readIn: before)
        #expect(keys.indices.allSatisfy { cache.key(KeySlot(UInt64($0))).key == nil })
    }

    @Test func tokensAreKeyedAndApartByKind() throws {
        let store = try create()
        let token = store.token(.stream, [1, 2, 3])
        #expect(token == store.token(.stream, [1, 2, 3]) && !token.isNone)
        #expect(Set(TokenKind.allCases.map { store.token($0, [1, 2, 3]) }).count == TokenKind.allCases.count)
        let again = try reopen(store, used: .index)
        #expect(again.token(.stream, [1, 2, 3]) == token)
        again.close()
        let other = try KeyStore.create(at: try folder.folder("other"), master: master, mapBytes: 1 << 26)
        #expect(other.token(.stream, [1, 2, 3]) != token)
    }

    @Test func threadsGetOneSlotForAStreamAndNoneTwice() async throws {
        let store = try create()
        let given = try await withThrowingTaskGroup(of: [KeySlot].self) { group in
            for _ in 0..<4 {
                group.addTask { try (1...UInt64(2500)).map { try store.reserve(for: Self.stream($0)) } }
            }
            var all: [[KeySlot]] = []
            for try await slots in group { all.append(slots) }
            return all
        }
        #expect(Set(given).count == 1, "every thread got the same slot for a stream")
        #expect(Set(given[0]).count == 2500)
    }

    // MARK: The disk, as an attacker or a fault would change it

    private func withSlots<R>(
        _ body: (borrowing WriteTransaction, Database) throws(LMDBError) -> R
    ) throws -> R {
        let environment = try Environment(
            path: folder.path, options: EnvironmentOptions(maxMapBytes: 1 << 26, maxDatabases: 4))
        defer { environment.close() }
        let slots = try environment.openDatabase("slots")
        return try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            try body(t, slots)
        }
    }

    private func overwrite(_ slot: KeySlot, with entry: [UInt8]) throws {
        try withSlots { (t, slots) throws(LMDBError) in try t.put(slots, slot.value, entry) }
    }

    private func entry(_ slot: KeySlot) throws -> [UInt8] {
        let found = try withSlots { (t, slots) throws(LMDBError) in try t.copy(slots, slot.value) }
        return try #require(found)
    }
}
