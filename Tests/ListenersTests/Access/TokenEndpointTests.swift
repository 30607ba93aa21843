import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// The whole way of a client that asks for itself: an assertion that it signs, a token, a read; and every way that this is refused.
@Suite struct TokenEndpointTests {
    private let number = ServedStore.number

    @Test func anAssertionGetsATokenThatReads() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let before = try served.store.log.head.position
            let granted = try await client.grant(served.assertion())
            #expect(granted.status == .ok, "\(granted.text)")
            #expect(granted.json["token_type"] as? String == "bearer")
            #expect(granted.json["expires_in"] as? Int ?? .max <= 300)
            // Cut to what the region file lets the client ask for.
            #expect(granted.json["scope"] as? String == "system/Observation.rs")
            #expect(granted.headers[.cacheControl] == "no-store")
            let recorded = try served.accesses(after: before)
            #expect(recorded.map(\.receipt.rule) == ["token"])
            #expect(recorded[0].receipt.call?.client == "results-service")
            #expect(recorded[0].receipt.viewer?.user == "dr-rowan" && recorded[0].receipt.permitted)

            let token = try #require(granted.json["access_token"] as? String)
            let read = try await client.get("Observation?patient.identifier=\(number)", token)
            #expect(read.status == .ok && !read.matches.isEmpty, "\(read.text)")
            let other = try await client.get("Condition?patient.identifier=\(number)", token)
            #expect(other.status == .forbidden)
        }
    }

    @Test func anAssertionIsGoodOnceAlsoAfterARestart() async throws {
        let served = try ServedStore()
        let assertion = try served.assertion()
        try await served.serving { client in
            #expect(try await client.grant(assertion).status == .ok)
            for _ in 0..<3 {
                let before = try served.store.log.head.position
                let again = try await client.grant(assertion)
                #expect(again.status == .unauthorized)
                #expect(again.json["error"] as? String == "invalid_client")
                let recorded = try served.accesses(after: before)
                #expect(recorded.map(\.receipt.rule) == ["replayed"])
                #expect(recorded[0].receipt.call?.client == "results-service")
            }
            // Another of the same client is another.
            #expect(try await client.grant(served.assertion()).status == .ok)
        }
        // A new application knows what the log knows.
        try await served.serving { client in
            let again = try await client.grant(assertion)
            #expect(again.status == .unauthorized)
            let fresh = try await client.grant(served.assertion())
            #expect(fresh.status == .ok)
        }
    }

    struct Wrong: Sendable, CustomStringConvertible {
        var description: String
        var rule: String
        var status = 401
        var code = "invalid_client"
        var form: @Sendable (ServedStore) throws -> [(String, String)]
    }

    static func claims(
        _ name: String, _ rule: String, _ change: @escaping @Sendable (inout [String: Any]) -> Void
    ) -> Wrong {
        Wrong(description: name, rule: rule) { try form($0.assertion(change)) }
    }

    static func form(_ assertion: String, scope: String = "system/*.rs") -> [(String, String)] {
        [
            ("grant_type", "client_credentials"), ("scope", scope),
            ("client_assertion_type", ClientAssertion.type), ("client_assertion", assertion),
        ]
    }

    static let wrong: [Wrong] = [
        Wrong(description: "none", rule: "algorithm") {
            try form($0.assertion(header: #"{"alg":"none","kid":"c1"}"#))
        },
        Wrong(description: "an algorithm that SMART does not name", rule: "algorithm") {
            try form($0.assertion(header: #"{"alg":"ES256","kid":"c1"}"#))
        },
        Wrong(description: "RS384 with an elliptic key", rule: "algorithm") {
            try form($0.assertion(header: #"{"alg":"RS384","kid":"c1"}"#))
        },
        Wrong(description: "another's key", rule: "signature") {
            try form($0.assertion(key: P384.Signing.PrivateKey()))
        },
        Wrong(description: "an unknown key", rule: "unknown-key") {
            try form($0.assertion(header: #"{"alg":"ES384","kid":"c2"}"#))
        },
        Wrong(description: "no key named", rule: "unknown-key") {
            try form($0.assertion(header: #"{"alg":"ES384"}"#))
        },
        claims("an unknown client", "unknown-key") { ($0["iss"], $0["sub"]) = ("nobody", "nobody") },
        claims("a client without keys", "unknown-key") { ($0["iss"], $0["sub"]) = ("lab-feed", "lab-feed") },
        claims("another's name", "issuer") { $0["sub"] = "viewer-app" },
        claims("another audience", "audience") { $0["aud"] = "https://elsewhere.example/token" },
        claims("two audiences", "audience") {
            $0["aud"] = [$0["aud"] as? String ?? "", "https://elsewhere.example/token"]
        },
        claims("this server, not its endpoint", "audience") { $0["aud"] = ServedStore.audience },
        claims("expired", "expired") { $0["exp"] = Int(Date().timeIntervalSince1970) - 60 },
        claims("good for an hour", "missing-claim") {
            $0["exp"] = Int(Date().timeIntervalSince1970) + 3600
        },
        claims("no expiry", "missing-claim") { $0["exp"] = nil },
        claims("no name of its own", "missing-claim") { $0["jti"] = nil },
        claims("not yet", "not-yet-valid") { $0["nbf"] = Int(Date().timeIntervalSince1970) + 200 },
        Wrong(description: "no assertion", rule: "no-token") { _ in [("grant_type", "client_credentials")] },
        Wrong(
            description: "another grant", rule: "grant", status: 400, code: "unsupported_grant_type"
        ) { try form($0.assertion()).dropFirst() + [("grant_type", "password")] },
        Wrong(description: "beyond its scopes", rule: "scope", status: 400, code: "invalid_scope") {
            try form($0.assertion(), scope: "system/Patient.rs")
        },
        Wrong(description: "a user's scopes", rule: "scope", status: 400, code: "invalid_scope") {
            try form($0.assertion(), scope: "user/Observation.rs")
        },
        Wrong(description: "no scope", rule: "scope", status: 400, code: "invalid_scope") {
            try form($0.assertion(), scope: "")
        },
        Wrong(description: "a parameter twice", rule: "malformed", status: 400, code: "invalid_request") {
            try form($0.assertion()) + [("scope", "system/*.cruds")]
        },
    ]

    @Test func everyWrongRequestIsRefusedAndRecorded() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            for wrong in Self.wrong {
                let before = try served.store.log.head.position
                let answer = try await client.grant(form: wrong.form(served))
                #expect(answer.status.code == wrong.status, "\(wrong): \(answer.text)")
                #expect(answer.json["error"] as? String == wrong.code, "\(wrong): \(answer.text)")
                #expect(answer.json["access_token"] == nil)
                let refused = try served.accesses(after: before).filter { !$0.receipt.permitted }
                #expect(refused.map(\.receipt.rule) == [wrong.rule], "\(wrong)")
            }
        }
    }

    @Test func theConfigurationTellsTheTruth() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let here = try await client.execute(uri: "/fhir/.well-known/smart-configuration", method: .get)
            let root = try await client.execute(uri: "/.well-known/smart-configuration", method: .get)
            #expect(here.status == .ok && here.text == root.text)
            let endpoint = try #require(here.json["token_endpoint"] as? String)
            #expect(endpoint == ServedStore.address + "/token")
            #expect(
                here.json["token_endpoint_auth_signing_alg_values_supported"] as? [String]
                    == ["ES384", "RS384"])
            #expect(here.json["authorization_endpoint"] == nil)
            let metadata = try await client.execute(uri: "/fhir/metadata", method: .get)
            #expect(metadata.text.contains(endpoint))
        }
    }

    @Test func scopesAreCutToWhatBothAllow() {
        for (asked, most, left) in [
            (
                "system/*.cruds", "system/Observation.rs system/Patient.r",
                "system/Observation.rs system/Patient.r"
            ),
            ("system/Observation.rs", "system/*.s", "system/Observation.s"),
            ("system/Observation.c", "system/Observation.rs", ""),
            ("user/*.rs", "system/*.rs", ""),
            ("system/A.r system/A.s", "system/*.rs", "system/A.rs"),
        ] {
            #expect(Scopes(asked)?.cut(to: Scopes(most) ?? Scopes()).description == left)
        }
    }
}

extension TestClientProtocol {
    func grant(_ assertion: String) async throws -> TestResponse {
        try await grant(form: TokenEndpointTests.form(assertion))
    }

    func grant(form: [(String, String)]) async throws -> TestResponse {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let body = form.map { name, value in
            name + "=" + (value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")
        }.joined(separator: "&")
        return try await execute(
            uri: "/token", method: .post, headers: [.contentType: "application/x-www-form-urlencoded"],
            body: ByteBuffer(string: body))
    }
}
