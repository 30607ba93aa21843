import Ciphers
import Wire

/// Whose signature a note's line is: a name and an Ed25519 public key, as C2SP's signed-note writes them in text
/// (`NAME+KEYID+BASE64`).
public struct NoteKey: Hashable, Sendable, CustomStringConvertible {
    /// What the key signs, as the first byte of its encoding says.
    public enum Kind: UInt8, Sendable {
        /// A log's signature over the note's text.
        case log = 1
        /// A witness's timestamped cosignature (C2SP tlog-cosignature).
        case witness = 4
    }

    public let name: String
    public let kind: Kind
    /// 32 bytes.
    public let publicKey: [UInt8]
    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ kind ‖ public key): the key's fingerprint.
    public let id: UInt32

    /// - Returns: nil where the name is empty, holds a space, a plus or a control character, or is over 255 bytes; or
    ///   the key is not of 32 bytes.
    public init?(name: String, kind: Kind, publicKey: [UInt8]) {
        guard Self.isName(name), publicKey.count == Ed25519.publicKeyBytes else { return nil }
        (self.name, self.kind, self.publicKey) = (name, kind, publicKey)
        let digest = SHA256.hash(Array(name.utf8) + [0x0A, kind.rawValue] + publicKey)
        id = UInt32(truncatingIfNeeded: digest.words.0 >> 32)
    }

    /// Reads a verifier key.
    ///
    /// - Throws: where the text is no such key, or its key id is not that of its name and key.
    public init(_ text: String) throws(EvidenceError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64.decode(String(parts[2])), let first = bytes.first else {
            throw EvidenceError("not a key as NAME+KEYID+BASE64")
        }
        guard let kind = Kind(rawValue: first) else {
            throw EvidenceError("a key of kind \(first), and only Ed25519 (1, 4) is known")
        }
        guard let key = NoteKey(name: String(parts[0]), kind: kind, publicKey: Array(bytes.dropFirst()))
        else {
            throw EvidenceError("the key's name or length is wrong")
        }
        guard parts[1] == key.fingerprint else {
            throw EvidenceError("the key id is \(parts[1]), and that of this name and key \(key.fingerprint)")
        }
        self = key
    }

    /// Whether a name can be a key's, and so a log's origin.
    public static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && !name.unicodeScalars.contains { $0.properties.isWhitespace || $0 == "+" || $0.value < 0x20 }
    }

    /// Eight hexadecimal digits.
    public var fingerprint: String {
        Hex.encode([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: id >> $0) })
    }

    public var description: String {
        "\(name)+\(fingerprint)+\(Base64.encode([kind.rawValue] + publicKey))"
    }
}
