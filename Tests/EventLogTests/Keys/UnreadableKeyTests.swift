import Ciphers
import Foundation
import LMDB
import Testing
import Wire

@_spi(Torture) @testable import EventLog

/// An entry of keys that does not read stops what writes the file of keys anew: nobody can say which keys it dies with.
@Suite struct UnreadableKeyTests {
    let folder: TemporaryFolder
    let store: KeyStore
    let slots: [KeySlot]
    let joint: KeySlot

    init() throws {
        folder = try TemporaryFolder()
        let keys = try KeyStore.create(
            at: try folder.folder("keys"), master: try SecretKey.random(), mapBytes: 1 << 26)
        store = keys
        slots = try (1...4).map { try keys.reserve(for: KeyStoreTests.stream($0)) }
        joint = try keys.joint(of: [slots[0], slots[1]])
    }

    private func data() -> Data? { FileManager.default.contents(atPath: folder.path + "/keys/data.mdb") }

    private func refusal(_ body: () throws -> Void) throws -> String {
        let before = data()
        let error = try #require(#expect(throws: LogError.self) { try body() })
        #expect(data() == before, "nothing changed")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/keys").sorted() == [
                "data.mdb", "lock.mdb",
            ])
        return error.description
    }

    /// Each is the joint key's entry, damaged: an unknown kind, a number of members that none has, a destroyed key with something in it, nothing.
    @Test(arguments: [[9, 2], [2, 1], [3, 0], []] as [[UInt8]])
    func nothingIsDestroyedOrWrappedAnew(beginning: [UInt8]) throws {
        let entry = try #require(try store.storedEntry(joint))
        let damaged = beginning.isEmpty ? [] : beginning + entry.dropFirst(beginning.count)
        try store.writing { (tables, t) throws(LMDBError) in
            try t.put(tables.slots, joint.value, damaged)
        }
        let doomed = Set([slots[0]])
        let said = try refusal { try store.destroy(doomed) }
        #expect(said.hasPrefix("\(joint): ") && said.contains("`daybook log verify`"), "\(said)")
        #expect(try refusal { try store.insistDestroyable(doomed) } == said)
        #expect(try refusal { try store.rotate(to: try SecretKey.random()) } == said)
        #expect(try refusal { _ = try store.unnamed(under: [joint]) } == said)
        #expect(!store.isDestroyed(slots[0]))
        // One that is to be destroyed itself may be as it will.
        try store.insistDestroyable([joint])
        try store.destroy([joint])
        #expect(try store.storedEntry(joint) == [KeyEntry.Kind.destroyed])
    }

    @Test func aNameThatLeadsNowhereIsNotDropped() throws {
        let name = KeyStore.name(ofJoint: [slots[0], slots[1]])
        try store.writing { (tables, t) throws(LMDBError) in try t.put(tables.joints, name, [1, 2, 3]) }
        let said = try refusal { try store.destroy([slots[2]]) }
        #expect(said.contains(Hex.encode(name.prefix(8))) && said.contains("`daybook log verify`"), "\(said)")
        #expect(try refusal { try store.insistDestroyable([slots[2]]) } == said)
        #expect(try refusal { try store.rotate(to: try SecretKey.random()) } == said)
    }
}
