import Ciphers
import Seeded
import Testing
import Wire

@testable import EventLog

@Suite struct RecordSealerTests {
    let folder: TemporaryFolder
    let keys: KeyStore
    let sealer: RecordSealer
    let opener: RecordOpener
    let slot: KeySlot

    init() throws {
        folder = try TemporaryFolder()
        keys = try KeyStore.create(at: folder.path, master: try SecretKey.random(), mapBytes: 1 << 26)
        (sealer, opener) = (RecordSealer(keys: keys), RecordOpener(keys: keys))
        slot = try keys.reserve(for: StreamToken(high: 1, low: 2))
    }

    static let items = [
        BodyItem(meta: [1], Array(#"{ "a" : [ 1, 2 ] }"#.utf8)),
        BodyItem(meta: [2, 3], content: .derived(JSONSplice(start: 8, length: 8))),
    ]

    func sample(_ items: [BodyItem] = items) throws -> SealedRecord {
        try sealer.seal(
            .sourceUpdate, flags: .advancesStream, stream: StreamToken(high: 1, low: 2), slotA: slot,
            bodyA: items, slotB: .region, bodyB: [BodyItem([9, 9])])
    }

    @Test func bothPartsOpenAndTheHeaderNamesThem() throws {
        let record = try sample()
        let a = try #require(try opener.open(.a, of: record))
        let b = try #require(try opener.open(.b, of: record))
        #expect(a.items == Self.items)
        #expect(Array(a.content(of: 1)) == Array("[1,2]".utf8))
        #expect(b.items == [BodyItem([9, 9])])
        #expect(record.header.hashA == SHA256.hash(record.partA))
        #expect(record.header.hashB == SHA256.hash(record.partB))
        #expect(record.header.commitment == Commitment.root(a: a, b: b))
        #expect(record.header.slotA == slot && record.header.slotB == .region)
        #expect(record.header.flags == .advancesStream)
    }

    @Test func anAbsentPartIsNil() throws {
        let onlyB = try sealer.seal(.regionFact, slotB: .region, bodyB: Self.items)
        #expect(try opener.open(.a, of: onlyB) == nil)
        #expect(try #require(try opener.open(.b, of: onlyB)).items == Self.items)
        let empty = try sealer.seal(.housekeeping)
        #expect(empty.byteCount == RecordHeader.byteCount && empty.header.commitment == .zero)
    }

    @Test func aBodyAndItsSlotComeTogether() {
        for (slotA, body) in [(KeySlot.region, nil), (.none, Self.items), (.index, Self.items)] {
            #expect(throws: LogError.self) { try sealer.seal(.sourceUpdate, slotA: slotA, bodyA: body) }
        }
        #expect(throws: LogError.self) {
            try sealer.seal(.sourceUpdate, slotA: KeySlot(1 << 40), bodyA: Self.items)
        }
    }

    @Test func equalBodiesSealToUnequalRecords() throws {
        let (one, other) = (try sample(), try sample())
        #expect(one.header.commitment != other.header.commitment, "salts are fresh")
        #expect(one.header.hashA != other.header.hashA, "nonces are fresh")
    }

    @Test func everyFlippedByteIsTold() throws {
        let record = try sample()
        for index in record.partA.indices {
            var sealed = record.partA
            sealed[index] ^= 0x10
            #expect(throws: LogError.self) { try opener.open(.a, of: record.header, sealed: sealed) }
            // And by the seal alone, where the header's hash was changed to fit.
            var header = record.header
            header.hashA = SHA256.hash(sealed)
            #expect(throws: LogError.self) { try opener.open(.a, of: header, sealed: sealed) }
        }
    }

    @Test func aPartOpensOnlyInItsPlace() throws {
        let record = try sealer.seal(
            .sourceUpdate, slotA: .region, bodyA: Self.items, slotB: .region, bodyB: Self.items)
        var swapped = record.header
        swapped.hashB = record.header.hashA
        #expect(throws: LogError.self) { try opener.open(.b, of: swapped, sealed: record.partA) }
        var otherClass = record.header
        otherClass.recordClass = .receipt
        #expect(throws: LogError.self) { try opener.open(.a, of: otherClass, sealed: record.partA) }
        var otherSlot = record.header
        otherSlot.slotA = slot
        #expect(throws: LogError.self) { try opener.open(.a, of: otherSlot, sealed: record.partA) }
    }

    @Test func smallLargeAndIncompressibleBodiesComeBack() throws {
        var random = SplitMix64(seed: 5)
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for content in [[], [0], Array(noise[..<100]), noise, [UInt8](repeating: 65, count: 3_000_000)] {
            let record = try sample([BodyItem(content)])
            #expect(try #require(try opener.open(.a, of: record)).items == [BodyItem(content)])
            #expect(record.partA.count <= content.count + 200)
        }
    }

    @Test func threadsSealAndOpenBesideEachOther() async throws {
        let (sealer, opener, slot) = (sealer, opener, slot)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in UInt8(0)..<6 {
                group.addTask {
                    for size in 0..<150 {
                        let items = [
                            BodyItem([UInt8](repeating: worker, count: size * size * 10)),
                            BodyItem(meta: [], content: .derived(JSONSplice(start: size, length: size))),
                        ]
                        let record = try sealer.seal(
                            .sourceUpdate, slotA: size % 2 == 0 ? slot : .region, bodyA: items)
                        let body = try #require(try opener.open(.a, of: record))
                        #expect(body.items == items)
                        #expect(record.header.commitment == Commitment.root(a: body, b: nil))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func plaintextsThatAreNotPackedRightAreRefused() throws {
        let zeros = BodyItem([UInt8](repeating: 0, count: 1 << 20))
        var room: [UInt8] = []
        let count = try SealedPart.pack(try Body.encode([zeros], salt: BodyTests.salt), into: &room)
        let bomb = Array(room[..<count])
        #expect(bomb.count < 2000)
        for plaintext in [[], [3], [2], [2, 0], [2, 2, 1], [1], [1, 40, 181], Array(bomb.dropLast())] {
            #expect(throws: PartError.self) { try SealedPart.unpack(plaintext) }
        }
        var random = SplitMix64(seed: 6)
        for _ in 0..<3000 {
            var damaged = bomb
            damaged[Int.random(in: 0..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
            if let payload = try? SealedPart.unpack(damaged) { _ = try? Body.decode(payload) }
        }
    }
}
