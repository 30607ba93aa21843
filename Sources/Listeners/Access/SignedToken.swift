import Intake
import Wire

/// A JSON Web Token as it came, taken apart (RFC 7515, compact form) and not believed: its signature is yet to be checked.
struct SignedToken {
    /// Bytes of a token, at most.
    static let maximumBytes = 8 << 10

    /// JWA names of the algorithms taken. Only signatures by a private key: no `none`, and no shared secrets, so that a public key
    /// can never be used as one.
    static let algorithms: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]

    let algorithm: String
    let keyID: String?
    let claims: JSONCursor
    /// What was signed.
    let signed: ArraySlice<UInt8>
    let signature: [UInt8]

    /// - Throws: `TokenFault`.
    init(_ text: some StringProtocol) throws(TokenFault) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumBytes else { throw .malformed("is too long") }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("is not in three parts") }
        let header = try Self.object(parts[0], "header")
        claims = try Self.object(parts[1], "claims")
        guard let signature = Base64URL.decode(parts[2]) else { throw .malformed("has no signature") }
        guard let algorithm = header["alg"]?.string else { throw .malformed("names no algorithm") }
        guard Self.algorithms.contains(algorithm) else { throw .algorithm }
        // An extension that must be understood, and is not (RFC 7515, 4.1.11).
        guard header["crit"] == nil else { throw .malformed("has critical extensions") }
        self.algorithm = algorithm
        self.signature = signature
        keyID = header["kid"]?.string
        signed = bytes[..<(parts[1].endIndex)]
    }

    private static func object(_ part: ArraySlice<UInt8>, _ name: String) throws(TokenFault) -> JSONCursor {
        guard let bytes = Base64URL.decode(part),
            let document = try? JSONDocument(bytes, limits: JSONLimits(bytes: maximumBytes, depth: 8)),
            document.root.kind == .object
        else { throw .malformed("has no \(name)") }
        return document.root
    }
}

/// What is wrong with a token. The word is told and recorded.
enum TokenFault: Error, Hashable, Sendable {
    case missing
    case malformed(String)
    case algorithm, key, signature, issuer, audience, expired
    case notYetValid
    case claim(String)
    case replayed
    /// Ours: the keys that could tell are not to be had now.
    case keysUnavailable

    var reason: String {
        switch self {
        case .missing: "no-token"
        case .malformed: "malformed-token"
        case .algorithm: "algorithm"
        case .key: "unknown-key"
        case .signature: "signature"
        case .issuer: "issuer"
        case .audience: "audience"
        case .expired: "expired"
        case .notYetValid: "not-yet-valid"
        case .claim: "missing-claim"
        case .replayed: "replayed"
        case .keysUnavailable: "keys-unavailable"
        }
    }

    var text: String {
        switch self {
        case .missing: "send a bearer token: Authorization: Bearer …"
        case .malformed(let how): "the token \(how)"
        case .algorithm: "the token's algorithm is not taken here"
        case .key: "the token's key is not known"
        case .signature: "the token's signature is wrong"
        case .issuer: "the token's issuer is not known here"
        case .audience: "the token is for another audience"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .claim(let name): "the token has no usable claim \(name)"
        case .replayed: "the assertion was used before"
        case .keysUnavailable:
            "the keys to check the token with cannot be had now; try again with the same token"
        }
    }
}
