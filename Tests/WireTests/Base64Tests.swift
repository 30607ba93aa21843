import Seeded
import Testing
import Wire

@Suite struct Base64Tests {
    /// RFC 4648, section 10.
    static let answers = [
        "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
        "foobar": "Zm9vYmFy",
    ]

    @Test func knownAnswers() {
        for (bytes, text) in Self.answers {
            #expect(Base64.encode(Array(bytes.utf8)) == text)
            #expect(Base64.decode(text) == Array(bytes.utf8))
        }
    }

    @Test func everyLengthComesBack() {
        var numbers = SplitMix64(seed: 3)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-", "Zm9_",
        "=m9v",
    ])
    func whatEncodeDoesNotWriteIsRefused(text: String) { #expect(Base64.decode(text) == nil) }
}
