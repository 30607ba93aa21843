import Crypto
import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// Every way a token can be wrong: refused, with nothing shown, and recorded before it is told.
@Suite struct TokenTests {
    struct Wrong: Sendable, CustomStringConvertible {
        var description: String
        var status: Int
        /// What the receipt says.
        var rule: String
        var make: @Sendable (ServedStore) throws -> String
    }

    static func claims(
        _ name: String, _ status: Int, _ rule: String,
        _ change: @escaping @Sendable (inout [String: Any]) -> Void
    ) -> Wrong {
        Wrong(description: name, status: status, rule: rule) { try $0.token(change) }
    }

    static let wrong: [Wrong] = [
        Wrong(description: "no algorithm", status: 401, rule: "algorithm") {
            try $0.token(header: #"{"alg":"none"}"#)
        },
        Wrong(description: "none, unsigned", status: 401, rule: "algorithm") {
            let signed = try $0.token(header: #"{"alg":"none","kid":"k1"}"#)
            return signed.split(separator: ".").prefix(2).joined(separator: ".") + "."
        },
        Wrong(description: "the public key as a shared secret", status: 401, rule: "algorithm") { store in
            let parts = try store.token(header: #"{"alg":"HS256","kid":"k1"}"#).split(separator: ".")
            let signed = parts[0] + "." + parts[1]
            let secret = SymmetricKey(data: Data(store.key.publicKey.pemRepresentation.utf8))
            let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: secret)
            return signed + "." + Base64URL.encode(Array(code))
        },
        Wrong(description: "an algorithm of another kind of key", status: 401, rule: "algorithm") {
            try $0.token(header: #"{"alg":"RS256","kid":"k1"}"#)
        },
        Wrong(description: "an unknown key", status: 401, rule: "unknown-key") {
            try $0.token(header: #"{"alg":"ES256","kid":"k2"}"#)
        },
        Wrong(description: "another's signature", status: 401, rule: "signature") {
            try $0.token(key: P256.Signing.PrivateKey())
        },
        Wrong(description: "claims changed after signing", status: 401, rule: "signature") { store in
            let a = try store.token().split(separator: "."), b = try store.token { $0["sub"] = "dr-brook" }
            return a[0] + "." + b.split(separator: ".")[1] + "." + a[2]
        },
        Wrong(description: "a key in the header", status: 401, rule: "unknown-key") { store in
            let mine = P256.Signing.PrivateKey()
            return try store.token(
                header: #"{"alg":"ES256","kid":"mine","jwk":{"kty":"EC","kid":"mine"},"jku":"http://x"}"#,
                key: mine)
        },
        Wrong(description: "a critical extension", status: 401, rule: "malformed-token") {
            try $0.token(header: #"{"alg":"ES256","kid":"k1","crit":["b64"],"b64":false}"#)
        },
        Wrong(description: "an algorithm said twice", status: 401, rule: "malformed-token") {
            try $0.token(header: #"{"alg":"ES256","alg":"none","kid":"k1"}"#)
        },
        Wrong(description: "not a token", status: 401, rule: "malformed-token") { _ in "abc" },
        claims("another issuer", 401, "issuer") { $0["iss"] = "https://other.example" },
        claims("no issuer", 401, "missing-claim") { $0["iss"] = nil },
        claims("our own issuer, another's key", 401, "unknown-key") {
            $0["iss"] = OwnTokens.developmentIssuer
        },
        claims("another audience", 401, "audience") { $0["aud"] = ["elsewhere", "daybook2"] },
        claims("no audience", 401, "audience") { $0["aud"] = nil },
        claims("expired", 401, "expired") { $0["exp"] = Int(Date().timeIntervalSince1970) - 60 },
        claims("no expiry", 401, "missing-claim") { $0["exp"] = nil },
        claims("an expiry that is no number", 401, "missing-claim") { $0["exp"] = "tomorrow" },
        claims("good for years", 401, "missing-claim") {
            $0["exp"] = Int(Date().timeIntervalSince1970) + 9_000_000
        },
        claims("not yet valid", 401, "not-yet-valid") { $0["nbf"] = Int(Date().timeIntervalSince1970) + 300 },
        claims("issued in the future", 401, "not-yet-valid") {
            $0["iat"] = Int(Date().timeIntervalSince1970) + 300
        },
        claims("no subject", 401, "missing-claim") { $0["sub"] = nil },
        claims("no client", 401, "missing-claim") { $0["client_id"] = nil },
        claims("no scope", 401, "missing-claim") { $0["scope"] = nil },
        claims("a scope of no known form", 401, "missing-claim") { $0["scope"] = "user/Observation.read" },
        claims("an unknown user", 403, "user") { $0["sub"] = "dr-nobody" },
        claims("another organisation", 403, "organisation") { $0["organisation"] = "ZZG01" },
        claims("another's role", 403, "role") { $0["selected_roleid"] = "ZZG01/R8000" },
        claims("an unknown client", 403, "client") { $0["client_id"] = "nobody" },
        claims("scopes beyond the client's", 403, "scope") { $0["scope"] = "user/*.cruds" },
        claims("system scopes for a user", 403, "scope") {
            $0["client_id"] = "results-service"
            $0["scope"] = "system/Observation.rs"
        },
        claims("patient scopes without a patient", 403, "scope") { $0["scope"] = "patient/*.rs" },
    ]

    @Test func everyWrongTokenIsRefusedAndRecorded() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let good = try await client.get(
                "Observation?patient.identifier=\(ServedStore.number)", served.token())
            #expect(good.status == .ok && !good.matches.isEmpty, "\(good.text)")
            for wrong in Self.wrong {
                let before = try served.store.log.head.position
                let answer = try await client.get(
                    "Observation?patient.identifier=\(ServedStore.number)", wrong.make(served))
                #expect(answer.status.code == wrong.status, "\(wrong): \(answer.text)")
                #expect(answer.json["resourceType"] as? String == "OperationOutcome", "\(wrong)")
                let recorded = try served.accesses(after: before)
                #expect(recorded.map(\.receipt.rule) == [wrong.rule], "\(wrong)")
                #expect(recorded.allSatisfy { !$0.receipt.permitted && $0.receipt.question == .signIn })
            }
        }
    }

    @Test func aTokenIsNotReadFromAnywhereElse() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let path = "Observation?patient.identifier=\(ServedStore.number)"
            #expect(try await client.get(path, nil).status == .unauthorized)
            #expect(try await client.get(path + "&access_token=\(token)", nil).status == .unauthorized)
            let basic = try await client.get(path, nil, [("Authorization", "Basic \(token)")])
            #expect(basic.status == .unauthorized)
        }
    }

    @Test func scopesNarrowWhatPolicyPermits() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let number = ServedStore.number
            let before = try served.store.log.head.position
            let narrow = try served.token { $0["scope"] = "user/Condition.rs" }
            #expect(try await client.get("Condition?patient.identifier=\(number)", narrow).status == .ok)
            let other = try await client.get("Observation?patient.identifier=\(number)", narrow)
            #expect(other.status == .forbidden)
            // Includes are no way around them.
            let included = try await client.get(
                "Condition?patient.identifier=\(number)&_revinclude=*&_include=*", narrow)
            #expect(included.status == .ok && included.matches.allSatisfy { $0.hasPrefix("Condition/") })
            let rules = try served.accesses(after: before).map(\.receipt.rule)
            #expect(rules.contains("scope"), "\(rules)")
            // A patient in context is the only one.
            let theirs = try served.token {
                ($0["scope"], $0["patient"]) = ("patient/*.rs", number)
            }
            #expect(try await client.get("Condition?patient.identifier=\(number)", theirs).status == .ok)
            let another = try served.token {
                ($0["scope"], $0["patient"]) = ("patient/*.rs", "9990000018")
            }
            #expect(
                try await client.get("Condition?patient.identifier=\(number)", another).status == .forbidden)
        }
    }

    @Test func aUserWhoLeftIsRefusedWithTheTokenTheyHad() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let path = "Condition?patient.identifier=\(ServedStore.number)"
            #expect(try await client.get(path, token).status == .ok)
            let lines = String(decoding: try ServedStore.sample("region.yaml"), as: UTF8.self)
                .split(separator: "\n", omittingEmptySubsequences: false)
            let without = lines.filter { !$0.contains("id: dr-rowan") }.joined(separator: "\n")
            _ = try served.store.applyRegion(
                RegionFile(Array(without.utf8), file: "region.yaml"), fileName: "region.yaml",
                approvedBy: "dr-brook", asker: Asker(systemUser: "test"))
            #expect(try await client.get(path, token).status == .forbidden)
        }
    }

    @Test func clientsAndSequencesAreBoundIntoReceipts() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let answer = try await client.get(
                "Condition?patient.identifier=\(ServedStore.number)", served.token(),
                [
                    ("Daybook-Client-Sequence", "41"),
                    ("traceparent", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"),
                ])
            let position = try #require(answer.headers[FHIRAnswer.receipt].flatMap { UInt64($0) })
            let receipt = try served.store.access(at: Position(position), asker: Asker(systemUser: "test"))
                .receipt
            #expect(receipt.call?.client == "viewer-app" && receipt.call?.sequence == "41")
            #expect(receipt.call?.trace == "0123456789abcdef0123456789abcdef")
            #expect(receipt.viewer?.user == "dr-rowan" && receipt.viewer?.organisation == "ZZH01")
        }
    }

    @Test func aMachinesClockTakesNoDevelopmentTokens() throws {
        let directory = NSTemporaryDirectory() + "daybook-real-\(UUID().uuidString)"
        defer {
            for path in [directory, directory + ".key"] { try? FileManager.default.removeItem(atPath: path) }
        }
        try Store.create(at: directory)
        let store = try Store(at: directory)
        defer { store.close() }
        let own = try OwnTokens(store)
        #expect(
            try own.developmentToken(
                user: "u", profile: nil, patient: nil, scope: "user/*.rs", audience: "daybook")
                == nil)
        #expect(own.keys(of: OwnTokens.developmentIssuer) == nil)
    }
}
