import Intake
import JWTKit

/// Public keys by their ids (RFC 7517). A key says which algorithms it can be used with, whatever a token claims.
struct KeySet: Sendable {
    /// Keys of one set, at most.
    static let maximumKeys = 256

    private let keys: [String: JWK]

    /// - Parameter json: a JSON Web Key Set. Keys of other uses, private ones' secrets and unknown kinds are left out.
    /// - Returns: nil where the bytes are no key set.
    init?(json: [UInt8]) {
        guard let document = try? JSONDocument(json, limits: JSONLimits(bytes: 1 << 20, depth: 8)),
            let list = document.root["keys"], list.kind == .array, list.elements.count <= Self.maximumKeys
        else { return nil }
        self.init(keys: list.elements.map { Array($0.raw) })
    }

    /// - Parameter keys: JSON Web Keys, each as JSON.
    init(keys texts: [[UInt8]]) {
        var keys: [String: JWK] = [:]
        for text in texts {
            guard let document = try? JSONDocument(text, limits: JSONLimits(bytes: 1 << 16, depth: 4)),
                let kid = document.root["kid"]?.string, document.root["use"]?.string ?? "sig" == "sig",
                let jwk = try? JWK(json: String(decoding: text, as: UTF8.self))
            else { continue }
            keys[kid] = jwk
        }
        self.keys = keys
    }

    var isEmpty: Bool { keys.isEmpty }
    func has(_ keyID: String) -> Bool { keys[keyID] != nil }

    /// Checks the signature by the key that the token names, where that key takes the token's algorithm.
    func check(_ token: SignedToken) async throws(TokenFault) {
        let keyID = token.keyID ?? (keys.count == 1 ? keys.keys.first : nil)
        guard let keyID, var jwk = keys[keyID] else { throw .key }
        if let only = jwk.algorithm, only.rawValue != token.algorithm { throw .algorithm }
        guard let algorithm = JWK.Algorithm(rawValue: token.algorithm), Self.takes(jwk, token.algorithm)
        else {
            throw .algorithm
        }
        jwk.algorithm = algorithm
        do {
            // A collection of one key: nothing to fall back on.
            let checker = try await JWTKeyCollection().add(jwk: jwk).getKey(
                for: JWKIdentifier(string: keyID), alg: token.algorithm)
            guard checker.name == token.algorithm,
                try checker.verify(token.signature, signs: Array(token.signed))
            else { throw TokenFault.signature }
        } catch { throw .signature }
    }

    /// The kind of key and, of elliptic curves, the curve that the algorithm is for (RFC 7518, 3.1).
    private static func takes(_ key: JWK, _ algorithm: String) -> Bool {
        switch key.keyType {
        case .rsa: algorithm.hasPrefix("RS") || algorithm.hasPrefix("PS")
        case .ecdsa:
            switch key.curve?.rawValue {
            case "P-256": algorithm == "ES256"
            case "P-384": algorithm == "ES384"
            case "P-521": algorithm == "ES512"
            default: false
            }
        case .octetKeyPair: algorithm == "EdDSA"
        default: false
        }
    }
}
