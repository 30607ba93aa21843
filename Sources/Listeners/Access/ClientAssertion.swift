import CareRecord
import Crypto
import Foundation
import Intake
import Server
import Wire

/// What a client proves itself with at the token endpoint (RFC 7523; SMART App Launch 2.2, Client Authentication: Asymmetric): a token
/// that it signed itself, for this endpoint alone, good once and for five minutes at most.
struct ClientAssertion {
    /// What SMART asks servers to take, and no more.
    static let algorithms: Set<String> = ["RS384", "ES384"]
    /// Seconds that one may be good for.
    static let maximumLife = 300.0
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    let token: SignedToken
    /// The client that it says it is, until `check` found it so.
    let client: String
    /// The client's own name for the assertion: never twice.
    private let id: String

    /// - Throws: `TokenFault` for what cannot be one.
    init(_ text: some StringProtocol) throws(TokenFault) {
        token = try SignedToken(text)
        guard Self.algorithms.contains(token.algorithm) else { throw .algorithm }
        guard let issuer = Self.text(token.claims, "iss") else { throw .claim("iss") }
        guard let subject = Self.text(token.claims, "sub") else { throw .claim("sub") }
        guard issuer == subject else { throw .issuer }
        guard let id = Self.text(token.claims, "jti") else { throw .claim("jti") }
        // The key has to be said: a set of one is no reason to guess.
        guard token.keyID != nil else { throw .key }
        (client, self.id) = (subject, id)
    }

    /// Signed by one of the client's keys, for this endpoint, and good now.
    func check(_ details: ClientDetails, endpoint: String, now: Date) async throws(TokenFault) {
        try await KeySet(keys: details.keys.map { Array($0.utf8) }).check(token)
        guard TokenVerifier.audiences(token.claims) == [endpoint] else { throw .audience }
        let end = try TokenVerifier.times(token.claims, now)
        guard end <= now.addingTimeInterval(Self.maximumLife + 2 * TokenVerifier.leeway) else {
            throw .claim("exp")
        }
    }

    /// Of client and name: what is remembered of a used one.
    var digest: Wire.Digest {
        Wire.Digest(Array(SHA256.hash(data: Array("assertion\u{0}\(client)\u{0}\(id)".utf8)))) ?? .zero
    }

    private static func text(_ claims: JSONCursor, _ name: String) -> String? {
        guard let text = claims[name]?.string, (1...256).contains(text.utf8.count) else { return nil }
        return text
    }
}
