import Ciphers
import Testing
import Wire

/// The known answers of RFC 8032, section 7.1, and what must not pass.
@Suite struct Ed25519Tests {
    struct Answer {
        var seed: String
        var key: String
        var message: String
        var signature: String
    }

    static let answers = [
        Answer(
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            key: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            message: "",
            signature:
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b"),
        Answer(
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            message: "72",
            signature:
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00"),
        Answer(
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            key: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            message: "af82",
            signature:
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a"),
        Answer(
            seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            key: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            message:
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
                + "454d4423643ce80e2a9ac94fa54ca49f",
            signature:
                "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
                + "3dca179c138ac17ad9bef1177331a704"),
    ]

    @Test(arguments: 0..<answers.count) func knownAnswers(number: Int) throws {
        let answer = Self.answers[number]
        let bytes = try #require(Hex.decode(answer.seed))
        let seed = try #require(SecretKey(bytes))
        let message = try #require(Hex.decode(answer.message))
        let key = try Ed25519.publicKey(of: seed)
        #expect(Hex.encode(key) == answer.key)
        let signature = try Ed25519.sign(message, seed: seed)
        #expect(Hex.encode(signature) == answer.signature)
        #expect(try Ed25519.isValid(signature, of: message, publicKey: key))
    }

    @Test func everyFlippedBitIsRefused() throws {
        let seed = try SecretKey.random()
        let key = try Ed25519.publicKey(of: seed)
        let message = Array("a tree head".utf8)
        let signature = try Ed25519.sign(message, seed: seed)
        for bit in 0..<8 * signature.count {
            var wrong = signature
            wrong[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(try !Ed25519.isValid(wrong, of: message, publicKey: key), "bit \(bit)")
        }
        for bit in 0..<8 * message.count {
            var wrong = message
            wrong[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(try !Ed25519.isValid(signature, of: wrong, publicKey: key))
        }
        #expect(try !Ed25519.isValid(signature, of: message, publicKey: Array(key.reversed())))
    }

    @Test func otherSizesAreNoSignature() throws {
        let key = try Ed25519.publicKey(of: try SecretKey.random())
        #expect(try !Ed25519.isValid([], of: [], publicKey: key))
        #expect(try !Ed25519.isValid([UInt8](repeating: 0, count: 65), of: [], publicKey: key))
        #expect(try !Ed25519.isValid([UInt8](repeating: 0, count: 64), of: [], publicKey: [1]))
    }

    /// s = L: a signature that adds the group's order to the scalar must not pass (RFC 8032, section 5.1.7).
    @Test func aScalarPastTheOrderIsRefused() throws {
        let answer = Self.answers[0]
        var signature = try #require(Hex.decode(answer.signature))
        let order = try #require(
            Hex.decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))
        var carry = 0
        for i in 0..<32 {
            let sum = Int(signature[32 + i]) + Int(order[i]) + carry
            signature[32 + i] = UInt8(sum & 255)
            carry = sum >> 8
        }
        let key = try #require(Hex.decode(answer.key))
        #expect(try !Ed25519.isValid(signature, of: [], publicKey: key))
    }
}
