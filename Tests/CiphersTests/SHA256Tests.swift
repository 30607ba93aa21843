import Testing
import Wire

@testable import Ciphers

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func publishedVectors(message: String, digest: String) {
        let bytes = Array(message.utf8)
        #expect(SHA256.hash(bytes).hex == digest)
        #expect(SHA256.hash(bytes[...]).hex == digest)
        #expect(bytes.withUnsafeBytes { SHA256.hash($0) }.hex == digest)
    }

    @Test func aMillionTimesA() {
        let digest = SHA256.hash([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(digest.hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func piecesHashAsOneMessage() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for cut in [0, 1, 31, 63, 64, 65, 128, 299, 300] {
            var running = SHA256()
            running.update(bytes[..<cut])
            let fork = running
            running.update(bytes[cut...])
            #expect(running.finish() == SHA256.hash(bytes))
            #expect(running.finish() == SHA256.hash(bytes), "finishing leaves the running hash as it was")
            #expect(fork.finish() == SHA256.hash(bytes[..<cut]))
            #expect(SHA256.hash(bytes[..<cut], bytes[cut...], []) == SHA256.hash(bytes))
        }
    }

    @Test func nodeHashIsTheHashOfPrefixAndBothChildren() {
        var left = SHA256.hash([1])
        for i in 0..<100 {
            let right = SHA256.hash([UInt8(i), 9])
            for prefix: UInt8 in [0, 1, 255] {
                let plain = SHA256.hash([prefix] + left.bytes + right.bytes)
                #expect(SHA256.hash(prefix: prefix, left: left, right: right) == plain)
            }
            left = SHA256.hash(prefix: 1, left: left, right: right)
        }
    }

    @Test func leafHashIsTheHashOfPrefixAndBytes() {
        let bytes = [UInt8](repeating: 0xA5, count: 216)
        #expect(SHA256.hash(prefix: 0, bytes) == SHA256.hash([0] + bytes))
        #expect(SHA256.hash(prefix: 0, bytes[3...]) == SHA256.hash([0] + bytes[3...]))
    }
}

@Suite struct PrefixedHashTests {
    /// Every length around the one that is padded in one piece, against the hash of the bytes in a row.
    @Test func everyLengthAgreesWithThePlainHash() {
        for count in 0..<520 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            #expect(SHA256.hash(prefix: 0, bytes) == SHA256.hash([0] + bytes), "\(count) bytes")
        }
    }
}
