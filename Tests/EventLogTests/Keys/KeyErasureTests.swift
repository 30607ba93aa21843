import Ciphers
import Foundation
import LMDB
import Synchronization
import Testing
import Wire

@_spi(Torture) @testable import EventLog

@Suite struct KeyErasureTests {
    let folder: TemporaryFolder
    let master: SecretKey
    let store: KeyStore
    /// Keys of streams, and joint keys of pairs of them.
    let slots: [KeySlot]
    let joints: [KeySlot]

    init() throws {
        folder = try TemporaryFolder()
        master = try SecretKey.random()
        let keys = try KeyStore.create(at: try folder.folder("keys"), master: master, mapBytes: 1 << 26)
        store = keys
        slots = try (1...40).map { try keys.reserve(for: KeyStoreTests.stream($0)) }
        // Joint keys are written over plain ones, which moves entries about and splits pages.
        joints = try (0..<slots.count - 1).map { [slots] in try keys.joint(of: [slots[$0], slots[$0 + 1]]) }
    }

    private var path: String { folder.path + "/keys" }

    private func open(_ path: String, _ master: SecretKey) throws -> KeyStore {
        let again = try KeyStore(at: path, master: master, mapBytes: 1 << 26)
        try again.setUsed(through: joints.last!)
        return again
    }

    /// The bytes of every file under a folder.
    private func files(_ path: String) throws -> [Data] {
        try FileManager.default.subpathsOfDirectory(atPath: path).compactMap {
            FileManager.default.contents(atPath: path + "/" + $0)
        }
    }

    private func holds(_ path: String, _ bytes: [UInt8]) throws -> Bool {
        try files(path).contains { $0.range(of: Data(bytes)) != nil }
    }

    private func entry(_ slot: KeySlot) throws -> [UInt8] {
        try #require(
            try store.reading { (tables, t, _) throws(LMDBError) in try t.copy(tables.slots, slot.value) })
    }

    /// What must be nowhere once the key in a slot is destroyed: the wrapped key, in any of its bytes' order.
    private func wrapped(_ slot: KeySlot) throws -> [UInt8] { Array(try entry(slot).suffix(60)) }

    @Test func aDestroyedKeyIsInNoFileAndNeitherAreItsJoints() throws {
        let doomed = slots[20]
        let dead = [doomed, joints[19], joints[20]]
        let gone = try dead.map { try wrapped($0) }
        let bare = try dead.map { slot in try store.key(slot).withUnsafeBytes { [UInt8]($0) } }
        let kept = try (slots + joints).filter { !dead.contains($0) }.map { ($0, try store.key($0)) }
        for bytes in gone { #expect(try holds(path, bytes)) }
        try store.destroy([doomed])
        for bytes in gone + bare { #expect(try !holds(path, bytes)) }
        for slot in dead { #expect(throws: LogError.destroyed(slot: slot)) { try store.key(slot) } }
        for (slot, key) in kept { #expect(try store.key(slot).matches(key)) }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["data.mdb", "lock.mdb"])
        store.close()
        let again = try open(path, master)
        for slot in dead { #expect(throws: LogError.destroyed(slot: slot)) { try again.key(slot) } }
        for (slot, key) in kept { #expect(try again.key(slot).matches(key)) }
        #expect(again.isDestroyed(doomed) && !again.isDestroyed(slots[0]))
        #expect(try !holds(path, gone[0]))
    }

    @Test func aJointOfMoreThanOneEntryHoldsDiesWithAnyOfThem() throws {
        let many = try (100..<UInt64(300)).map { try store.reserve(for: KeyStoreTests.stream($0)) }
        let all = try store.joint(of: many)
        #expect(try store.joint(of: many.reversed()) == all && all > many.max()!)
        let most = try store.joint(of: many.dropLast())
        let key = try store.key(all)
        let fresh = try SecretKey.random()
        try store.rotate(to: fresh)
        #expect(try store.key(all).matches(key))
        #expect(try store.unnamed(under: [all]).count == many.count)
        try store.destroy([many[199]])
        #expect(throws: LogError.destroyed(slot: all)) { try store.key(all) }
        _ = try store.key(most)
        try store.destroy([many[77]])
        #expect(throws: LogError.destroyed(slot: most)) { try store.key(most) }
        _ = try store.joint(of: Array(many[100..<180]))
        store.close()
        let report = try KeyVerification.run(at: path, master: fresh)
        #expect(report.isSound, "\(report)")
    }

    @Test func aStreamWhoseKeyIsGoneGetsAnother() throws {
        let stream = KeyStoreTests.stream(3)
        let old = slots[2]
        try store.destroy([old])
        let fresh = try store.reserve(for: stream) { _ in old }
        #expect(fresh != old && !store.isDestroyed(fresh))
        #expect(try store.reserve(for: stream) { _ in old } == fresh)
        _ = try store.key(fresh)
        // Its joints are new ones too.
        #expect(try store.joint(of: [fresh, slots[3]]) > fresh)
    }

    @Test func theStoresOwnKeysCannotBeDestroyed() throws {
        for slot in [KeySlot.none, .region, .index] {
            #expect(throws: LogError.self) { try store.destroy([slot]) }
        }
        _ = try store.key(.region)
    }

    @Test func rotationChangesTheMasterAndNoKey() throws {
        try store.destroy([slots[5]])
        let before = try (slots + joints + [.region, .index]).compactMap { slot -> (KeySlot, SecretKey)? in
            (try? store.key(slot)).map { (slot, $0) }
        }
        let old = try wrapped(slots[0])
        let fresh = try SecretKey.random()
        try store.rotate(to: fresh)
        for (slot, key) in before { #expect(try store.key(slot).matches(key)) }
        // What is made next is wrapped by the new one.
        let later = try (0..<2000).map { _ in try store.reserve() }
        let last = try store.key(later.last!)
        store.close()
        #expect(try !holds(path, old))
        #expect(throws: LogError.self) { try open(path, master) }
        let again = try open(path, fresh)
        for (slot, key) in before { #expect(try again.key(slot).matches(key)) }
        #expect(try again.key(later.last!).matches(last))
        #expect(throws: LogError.destroyed(slot: slots[5])) { try again.key(slots[5]) }
    }

    @Test(arguments: [false, true]) func whereverItIsCutShortItIsOneOrTheOther(rotating: Bool) throws {
        let doomed = slots[7]
        let gone = try wrapped(doomed)
        let expected = try store.key(slots[8])
        let fresh = try SecretKey.random()
        // A copy of the folder at a step is what a kill at that step leaves.
        let (path, root) = (path, folder.path)
        store.afterSteps { step in
            let copy = Process()
            copy.executableURL = URL(filePath: "/bin/cp")
            copy.arguments = ["-a", path, root + "/" + step.rawValue]
            try? copy.run()
            copy.waitUntilExit()
        }
        if rotating { try store.rotate(to: fresh) } else { try store.destroy([doomed]) }
        store.afterSteps(nil)
        for step in [ErasureStep.copied, .linked, .renamed, .swapped, .wiped] {
            let copy = root + "/" + step.rawValue
            let isDone = ![.copied, .linked].contains(step)
            let again = try open(copy, rotating && isDone ? fresh : master)
            #expect(try again.key(slots[8]).matches(expected), "\(step)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: copy).count == 2, "\(step)")
            if rotating {
                let kept = try store.key(doomed)
                #expect(try again.key(doomed).matches(kept))
                again.close()
                #expect(throws: LogError.self) { try open(copy, isDone ? master : fresh) }
            } else {
                #expect(again.isDestroyed(doomed) == isDone, "\(step)")
                try again.destroy([doomed])
            }
            #expect(try holds(copy, gone) == (rotating && !isDone), "\(step)")
        }
    }

    /// A system call that fails at a step: what the file says then is what is served, and nothing is written that a power cut would
    /// take back.
    @Test(arguments: [false, true], [ErasureStep.copied, .linked, .renamed, .swapped])
    func whatFailsHalfWayIsServedAsTheFileSays(rotating: Bool, _ failing: ErasureStep) throws {
        let (doomed, kept) = (slots[7], try store.key(slots[8]))
        _ = try store.key(doomed)
        let fresh = try SecretKey.random()
        let failure = LogError.system(code: EIO, operation: "fsync")
        store.afterSteps { (step) throws(LogError) in if step == failing { throw failure } }
        #expect(throws: failure) {
            if rotating { try store.rotate(to: fresh) } else { try store.destroy([doomed]) }
        }
        store.afterSteps(nil)
        let isReplaced = ![.copied, .linked].contains(failing)
        #expect(try store.key(slots[8]).matches(kept))
        #expect(throws: Never.self, "one that is not in memory opens") { try store.key(slots[20]) }
        if !rotating, isReplaced {
            #expect(throws: LogError.destroyed(slot: doomed)) { try store.key(doomed) }
        } else {
            #expect(throws: Never.self) { try store.key(doomed) }
        }
        // The next batch of keys is wrapped under the key that opens the file, or not at all.
        let given = Result { () throws(LogError) in
            try (0..<2000).map { (_) throws(LogError) in try store.reserve() }
        }
        let made = try? given.get()
        #expect((made == nil) == isReplaced)
        store.close()
        let again = try open(path, rotating && isReplaced ? fresh : master)
        #expect(try again.key(slots[8]).matches(kept))
        #expect(again.isDestroyed(doomed) == (!rotating && isReplaced))
        if let last = made?.last { #expect(throws: Never.self) { try again.key(last) } }
    }

    /// What is left of the old file goes with the next order, not with the next start.
    @Test func aWipeThatFailedIsDoneByTheNextOrder() throws {
        let doomed = slots[20]
        let gone = try wrapped(doomed)
        let (old, aside) = (path + "/old.mdb", folder.path + "/aside")
        // A folder cannot be overwritten.
        store.afterSteps { step in
            guard step == .swapped else { return }
            try? FileManager.default.moveItem(atPath: old, toPath: aside)
            try? FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: false)
        }
        #expect(throws: LogError.self) { try store.destroy([doomed]) }
        store.afterSteps(nil)
        try FileManager.default.removeItem(atPath: old)
        try FileManager.default.moveItem(atPath: aside, toPath: old)
        #expect(try store.isDestroyed(doomed) && holds(path, gone))
        try store.destroy([doomed])
        #expect(try !holds(path, gone))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["data.mdb", "lock.mdb"])
        try store.destroy([slots[3]])
    }

    /// Where it is not known whether the new file is there for good, nobody is told that it is.
    @Test func aReplacementThatFailedHalfWayIsNotTakenAsDone() throws {
        store.afterSteps { (step) throws(LogError) in
            if step == .renamed { throw .system(code: EIO, operation: "fsync") }
        }
        for _ in 0..<2 { #expect(throws: LogError.self) { try store.destroy([slots[20]]) } }
    }

    /// A joint key that is begun while its member is being destroyed: it is not made, or dies with it.
    @Test func aJointKeyMadeMeanwhileOutlivesNoMember() throws {
        let members = [slots[3], slots[9], slots[20]]
        for slot in members { _ = try store.key(slot) }
        let made = Mutex<Result<KeySlot, LogError>?>(nil)
        let begun = Mutex<String?>(nil)
        let ended = DispatchSemaphore(value: 0)
        store.afterSteps { [store] step in
            guard step == .copied else { return }
            Thread.detachNewThread {
                begun.withLock { $0 = ThreadState.current }
                let result = Result { () throws(LogError) in try store.joint(of: members) }
                made.withLock { $0 = result }
                ended.signal()
            }
            ThreadState.waitUntilAsleep { begun.withLock { $0 } }
        }
        try store.destroy([slots[20]])
        store.afterSteps(nil)
        ended.wait()
        let outcome = made.withLock { $0 }
        #expect(outcome == .failure(.destroyed(slot: slots[20])))
        let fresh = try SecretKey.random()
        try store.rotate(to: fresh)
        store.close()
        let report = try KeyVerification.run(at: path, master: fresh)
        #expect(report.isSound, "\(report)")
    }

    @Test func readersGoOnWhileKeysAreDestroyed() async throws {
        let store = store
        let kept = slots[1]
        let key = try store.key(kept)
        let doomed = Array(slots[10..<20])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    for n in 0..<400 {
                        #expect(try store.key(kept).matches(key))
                        // Not in the cache: read from whichever file is current.
                        _ = try store.key(KeySlot(UInt64(200 + n)))
                        _ = try store.reserve()
                    }
                }
            }
            group.addTask { for slot in doomed { try store.destroy([slot]) } }
            try await group.waitForAll()
        }
        for slot in doomed { #expect(throws: LogError.destroyed(slot: slot)) { try store.key(slot) } }
    }

    @Test func whatIsUnderWayIsKeptThroughBoth() throws {
        #expect(try store.erasureUnderWay() == nil)
        try store.setErasureUnderWay([1, 2, 3])
        try store.destroy([slots[0]])
        #expect(try store.erasureUnderWay() == [1, 2, 3])
        try store.setErasureUnderWay(nil)
        #expect(try store.erasureUnderWay() == nil)
    }
}
