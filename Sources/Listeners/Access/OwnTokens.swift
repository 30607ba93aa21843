import Crypto
import Foundation
import Intake
import JWTKit
import Server
import Wire

/// Tokens that this store signs: what its token endpoint gives to registered clients, and, where the clock is simulated,
/// development tokens. Each kind has a key of its own, made from the store's keys, so they outlive a restart and no other
/// store takes them.
public struct OwnTokens: Sendable {
    /// `iss` of each kind.
    static let endpointIssuer = "urn:daybook:token-endpoint"
    static let developmentIssuer = "urn:daybook:development"
    static let developmentClient = "daybook-development"
    /// Seconds.
    static let endpointSeconds = 300
    public static let developmentSeconds = 12 * 3600

    private let endpoint: Curve25519.Signing.PrivateKey
    private let development: Curve25519.Signing.PrivateKey?

    public init(_ store: Store) throws {
        endpoint = try Curve25519.Signing.PrivateKey(rawRepresentation: store.secret(for: "token-endpoint"))
        development =
            store.isSimulated
            ? try Curve25519.Signing.PrivateKey(rawRepresentation: store.secret(for: "development-tokens"))
            : nil
    }

    /// The keys to check tokens of that issuer with; nil where it is not one of these.
    func keys(of issuer: String) -> KeySet? {
        switch issuer {
        case Self.endpointIssuer: Self.keySet(endpoint)
        case Self.developmentIssuer: development.map(Self.keySet)
        default: nil
        }
    }

    private static let keyID = "1"

    private static func keySet(_ key: Curve25519.Signing.PrivateKey) -> KeySet {
        let x = Base64URL.encode(Array(key.publicKey.rawRepresentation))
        return KeySet(keys: [Array(#"{"kty":"OKP","crv":"Ed25519","kid":"\#(keyID)","x":"\#(x)"}"#.utf8)])
    }

    /// A token for a client that asks for itself.
    func endpointToken(client: String, scope: String, audience: String, now: Date = Date()) throws -> String {
        try Self.sign(endpoint) { w in
            w.member("iss", Self.endpointIssuer)
            w.member("sub", client)
            w.member("client_id", client)
            w.member("aud", audience)
            w.member("scope", scope)
            w.member("iat", Int(now.timeIntervalSince1970))
            w.member("exp", Int(now.timeIntervalSince1970) + Self.endpointSeconds)
        }
    }

    /// A token to try the server out with, in a user's name or a patient's.
    ///
    /// - Returns: nil on a store whose clock is the machine's.
    public func developmentToken(
        user: String?, profile: String?, patient: String?, scope: String, audience: String,
        now: Date = Date(),
        seconds: Int = developmentSeconds
    ) throws -> String? {
        guard let development else { return nil }
        return try Self.sign(development) { w in
            w.member("iss", Self.developmentIssuer)
            w.member("sub", user ?? patient ?? "")
            w.member("client_id", Self.developmentClient)
            w.member("aud", audience)
            w.member("scope", scope)
            w.member("selected_roleid", ifPresent: profile)
            w.member("patient", ifPresent: patient)
            if user == nil { w.member("subject_type", "patient") }
            w.member("iat", Int(now.timeIntervalSince1970))
            w.member("exp", Int(now.timeIntervalSince1970) + seconds)
        }
    }

    private static func sign(
        _ key: Curve25519.Signing.PrivateKey, _ claims: (inout JSONWriter) -> Void
    ) throws -> String {
        var w = JSONWriter(capacity: 256)
        w.object { w in claims(&w) }
        let header = Base64URL.encode(Array(#"{"alg":"EdDSA","typ":"JWT","kid":"\#(keyID)"}"#.utf8))
        let signed = header + "." + Base64URL.encode(w.finish())
        return signed + "." + Base64URL.encode(Array(try key.signature(for: Data(signed.utf8))))
    }
}
