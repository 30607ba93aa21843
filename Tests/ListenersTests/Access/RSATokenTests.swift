import Crypto
import CryptoExtras
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Wire

@testable import Listeners

/// An RSA key is for RSA's algorithms alone: never a shared secret, never another kind's.
@Suite struct RSATokenTests {
    private let path = "Observation?patient.identifier=\(ServedStore.number)"

    static func sign(_ header: String, _ claims: [String: Any], _ key: _RSA.Signing.PrivateKey) throws
        -> String
    {
        let body = try JSONSerialization.data(withJSONObject: claims)
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(body))
        let data = Data(signed.utf8)
        let signature: _RSA.Signing.RSASignature =
            if header.contains("RS384") {
                try key.signature(for: SHA384.hash(data: data), padding: .insecurePKCS1v1_5)
            } else if header.contains("PS256") {
                try key.signature(for: SHA256.hash(data: data), padding: .PSS)
            } else {
                try key.signature(for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5)
            }
        return signed + "." + Base64URL.encode(Array(signature.rawRepresentation))
    }

    @Test func itSignsAsRSAAndAsNothingElse() async throws {
        let served = try ServedStore()
        let claims = try JSONSerialization.jsonObject(
            with: Data(Base64URL.decode(Array(served.token().split(separator: ".")[1].utf8)[...]) ?? []))
        let named = try #require(claims as? [String: Any])
        let tokens = try ["RS256", "RS384", "PS256", "ES256", "HS256"].map { algorithm in
            (algorithm, try Self.sign(#"{"alg":"\#(algorithm)","kid":"r1"}"#, named, ServedStore.rsa))
        }
        // Whatever form of the public key is taken for a secret.
        let key = ServedStore.rsa.publicKey
        let secrets = [
            Data(key.pemRepresentation.utf8), Data((key.pemRepresentation + "\n").utf8),
            key.derRepresentation,
            try key.getKeyPrimitives().modulus,
        ]
        let forged = try secrets.map { secret -> String in
            let parts = try Self.sign(#"{"alg":"HS256","kid":"r1"}"#, named, ServedStore.rsa).split(
                separator: ".")
            let signed = parts[0] + "." + parts[1]
            let code = HMAC<SHA256>.authenticationCode(
                for: Data(signed.utf8), using: SymmetricKey(data: secret))
            return signed + "." + Base64URL.encode(Array(code))
        }
        let path = path
        try await served.serving { client in
            for (algorithm, token) in tokens {
                let before = try served.store.log.head.position
                let answer = try await client.get(path, token)
                let isRSA = ["RS256", "RS384", "PS256"].contains(algorithm)
                #expect(answer.status.code == (isRSA ? 200 : 401), "\(algorithm): \(answer.text)")
                let rules = try served.accesses(after: before).map(\.receipt.rule)
                #expect(isRSA || rules == ["algorithm"], "\(algorithm): \(rules)")
            }
            for token in forged {
                let before = try served.store.log.head.position
                let answer = try await client.get(path, token)
                #expect(answer.status == .unauthorized)
                #expect(try served.accesses(after: before).map(\.receipt.rule) == ["algorithm"])
            }
        }
    }

    @Test func aClientMayProveItselfWithRS384() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let claims: [String: Any] = [
                "iss": "rsa-service", "sub": "rsa-service", "aud": ServedStore.address + "/token",
                "jti": UUID().uuidString, "exp": Int(Date().timeIntervalSince1970) + 200,
            ]
            let good = try Self.sign(#"{"alg":"RS384","kid":"r1"}"#, claims, ServedStore.rsa)
            let granted = try await client.grant(good)
            #expect(granted.status == .ok, "\(granted.text)")
            let again = try await client.grant(good)
            #expect(again.status == .unauthorized)
            let weak = try Self.sign(#"{"alg":"RS256","kid":"r1"}"#, claims, ServedStore.rsa)
            let refused = try await client.grant(weak)
            #expect(refused.status == .unauthorized)
        }
    }
}
