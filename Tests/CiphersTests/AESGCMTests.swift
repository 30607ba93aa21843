import Foundation
import Testing
import Wire

@testable import Ciphers

@Suite struct AESGCMTests {
    struct Vector: Sendable {
        var key, nonce, plaintext, data, ciphertext, tag: String
    }

    /// The GCM specification's test cases 13 to 16 (McGrew and Viega, appendix B), also NIST's.
    static let vectors = [
        Vector(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12), plaintext: "",
            data: "", ciphertext: "", tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        Vector(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12),
            plaintext: String(repeating: "00", count: 16), data: "",
            ciphertext: "cea7403d4d606b6e074ec5d3baf39d18", tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        Vector(
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
            data: "",
            ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
            tag: "b094dac5d93471bdec1a502270e3cc6c"),
        Vector(
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]

    @Test(arguments: vectors) func publishedVectors(vector: Vector) throws {
        let keyBytes = try #require(Hex.decode(vector.key))
        let key = try #require(SecretKey(keyBytes))
        let plaintext = try #require(Hex.decode(vector.plaintext))
        let nonce = try #require(Hex.decode(vector.nonce))
        let data = try #require(Hex.decode(vector.data))
        let sealed = try AESGCM.seal(
            plaintext.span.bytes, nonce: nonce, key: key, authenticating: data.span.bytes)
        #expect(Hex.encode(sealed) == vector.nonce + vector.ciphertext + vector.tag)
        #expect(try AESGCM.open(sealed, key: key, authenticating: data) == plaintext)
    }

    @Test func everyFlippedBitIsRefused() throws {
        let key = try SecretKey.random()
        let sealed = try AESGCM.seal([1, 2, 3, 4, 5], key: key, authenticating: [7, 8])
        for bit in 0..<(sealed.count * 8) {
            var altered = sealed
            altered[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CipherError.notAuthentic) {
                try AESGCM.open(altered, key: key, authenticating: [7, 8])
            }
        }
        #expect(try AESGCM.open(sealed, key: key, authenticating: [7, 8]) == [1, 2, 3, 4, 5])
    }

    @Test func anotherKeyOrOtherDataIsRefused() throws {
        let (key, other) = (try SecretKey.random(), try SecretKey.random())
        let sealed = try AESGCM.seal([1, 2, 3], key: key, authenticating: [1])
        for data: [UInt8] in [[], [2], [1, 0]] {
            #expect(throws: CipherError.notAuthentic) {
                try AESGCM.open(sealed, key: key, authenticating: data)
            }
        }
        #expect(throws: CipherError.notAuthentic) { try AESGCM.open(sealed, key: other, authenticating: [1]) }
        #expect(try AESGCM.open(sealed, key: key, authenticating: [1]) == [1, 2, 3])
    }

    @Test func shortInputIsRefused() throws {
        let key = try SecretKey.random()
        for count in 0..<AESGCM.overhead {
            #expect(throws: CipherError.badLength(count)) {
                try AESGCM.open([UInt8](repeating: 0, count: count), key: key)
            }
        }
    }

    @Test func everyLengthComesBack() throws {
        let keys = [try SecretKey.random(), try SecretKey.random()]
        for count in Array(0...130) + [4095, 4096, 4097, 100_000] {
            let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            let key = keys[count % 2]
            let sealed = try AESGCM.seal(plaintext, key: key, authenticating: [3])
            #expect(sealed.count == count + AESGCM.overhead)
            #expect(try AESGCM.open(sealed[...], key: key, authenticating: [3]) == plaintext)
        }
    }

    @Test func noncesDoNotRepeat() throws {
        let key = try SecretKey.random()
        var seen: Set<[UInt8]> = []
        for _ in 0..<10_000 { seen.insert(Array(try AESGCM.seal([], key: key)[..<12])) }
        #expect(seen.count == 10_000)
    }

    @Test func threadsDoNotShareContexts() async throws {
        let keys = try (0..<8).map { _ in try SecretKey.random() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for i in 0..<500 {
                        let key = keys[(i + worker) % keys.count]
                        let plaintext = [UInt8](repeating: UInt8(worker), count: i % 200)
                        let sealed = try AESGCM.seal(plaintext, key: key)
                        #expect(try AESGCM.open(sealed, key: key) == plaintext)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

@Suite struct SecretKeyTests {
    @Test func neverShowsItsBytes() throws {
        let key = try #require(SecretKey([UInt8](repeating: 0xAB, count: 32)))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.lowercased().contains("ab") && !text.contains("171"), "\(text)")
        }
    }

    @Test func takesExactlyThirtyTwoBytes() {
        for count in [0, 31, 33, 64] { #expect(SecretKey([UInt8](repeating: 1, count: count)) == nil) }
    }

    @Test func matchesComparesBytes() throws {
        let bytes = [UInt8](0..<32)
        let key = try #require(SecretKey(bytes))
        let same = try #require(SecretKey(bytes))
        #expect(key.matches(same))
        #expect(!key.matches(try SecretKey.random()))
    }
}
