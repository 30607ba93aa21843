import Ciphers
import Testing
import Wire

/// RFC 4231, sections 4.2, 4.3, 4.4 and 4.7.
@Suite struct HMACSHA256Tests {
    static let longKeyMessage = "Test Using Larger Than Block-Size Key - Hash Key First"

    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), Array(longKeyMessage.utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func publishedVectors(key: [UInt8], message: [UInt8], code: String) {
        let hmac = HMACSHA256(keyBytes: key)
        #expect(hmac.code(message).hex == code)
        #expect(hmac.code(message).hex == code, "a key is used again")
    }

    @Test func secretKeyAndItsBytesAgree() throws {
        let bytes = [UInt8](0..<32)
        let key = try #require(SecretKey(bytes))
        #expect(HMACSHA256(key: key).code([1, 2, 3]) == HMACSHA256(keyBytes: bytes).code([1, 2, 3]))
    }
}
