import Ciphers
import Wire

/// A text and signatures over it (C2SP signed-note): the text, an empty line, and a line for each signature,
/// `— NAME BASE64(u32 key id ‖ signature)`.
public struct SignedNote: Hashable, Sendable {
    /// One signature line, as it stands: nothing says yet that it is good.
    public struct Signature: Hashable, Sendable {
        public var name: String
        public var keyID: UInt32
        /// What follows the key id.
        public var bytes: [UInt8]

        public init(name: String, keyID: UInt32, bytes: [UInt8]) {
            (self.name, self.keyID, self.bytes) = (name, keyID, bytes)
        }
    }

    /// With its last newline.
    public let text: [UInt8]
    public internal(set) var signatures: [Signature]

    init(text: [UInt8], signatures: [Signature]) { (self.text, self.signatures) = (text, signatures) }

    /// - Throws: where the bytes are no signed note, or over `EvidenceLimits`.
    public init(parsing bytes: [UInt8]) throws(EvidenceError) {
        guard bytes.count <= EvidenceLimits.noteBytes else {
            throw EvidenceError("a note of \(bytes.count) bytes, and at most \(EvidenceLimits.noteBytes)")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw EvidenceError("not UTF-8") }
        _ = try EvidenceLines(bytes[...])
        // The last empty line parts the text from the signatures.
        guard
            let blank = bytes.indices.dropFirst().last(where: { bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A })
        else { throw EvidenceError("there is no empty line before the signatures") }
        text = Array(bytes[..<blank])
        signatures = try Self.signatures(bytes[(blank + 1)...])
    }

    /// Signature lines alone: what a witness answers.
    public static func signatures(_ bytes: ArraySlice<UInt8>) throws(EvidenceError) -> [Signature] {
        if bytes.isEmpty { throw EvidenceError("there is no signature") }
        var lines = try EvidenceLines(bytes)
        var out: [Signature] = []
        while !lines.isAtEnd {
            let line = try lines.next("a signature")
            guard out.count < EvidenceLimits.signatures else {
                throw EvidenceError("more than \(EvidenceLimits.signatures) signatures")
            }
            let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].elementsEqual(Self.dash),
                let name = String(validating: parts[1], as: UTF8.self), NoteKey.isName(name),
                let bytes = Base64.decode(parts[2]), bytes.count > 4
            else { throw EvidenceError(line: lines.number, "not a signature line") }
            let id = bytes[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            out.append(Signature(name: name, keyID: id, bytes: Array(bytes.dropFirst(4))))
        }
        return out
    }

    private static let dash = Array("—".utf8)

    public var bytes: [UInt8] {
        var out = text
        out.append(0x0A)
        for signature in signatures {
            let id = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: signature.keyID >> $0) }
            out += Array("— \(signature.name) \(Base64.encode(id + signature.bytes))\n".utf8)
        }
        return out
    }

    // MARK: Signing and checking

    /// Adds a log's signature over the text.
    mutating func sign(_ key: NoteKey, seed: SecretKey) throws(LogError) {
        let text = text
        let bytes = try LogError.sealing { () throws(CipherError) in try Ed25519.sign(text, seed: seed) }
        signatures.append(Signature(name: key.name, keyID: key.id, bytes: bytes))
    }

    /// Whether a key signed this note. A line of that key whose signature is wrong makes the whole note false.
    public func isSigned(by key: NoteKey) -> Bool {
        let own = signatures.filter { $0.name == key.name && $0.keyID == key.id }
        return !own.isEmpty && own.allSatisfy { Self.isValid($0, of: text, by: key) }
    }

    /// A witness's cosignature signs `cosignature/v1`, its time and the text (C2SP tlog-cosignature); a log's, the text.
    static func isValid(_ signature: Signature, of text: [UInt8], by key: NoteKey) -> Bool {
        guard signature.name == key.name, signature.keyID == key.id else { return false }
        var (message, bytes) = (text, signature.bytes)
        if key.kind == .witness {
            guard let time = signature.time else { return false }
            message = Self.cosigned(text, at: time)
            bytes.removeFirst(8)
        }
        return (try? Ed25519.isValid(bytes, of: message, publicKey: key.publicKey)) ?? false
    }

    /// What a witness signs.
    static func cosigned(_ text: [UInt8], at time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}

extension SignedNote.Signature {
    /// Of a cosignature: when it was made, seconds since 1970; nil where it cannot be one.
    public var time: UInt64? {
        guard bytes.count == 8 + Ed25519.signatureBytes else { return nil }
        let time = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return time <= UInt64(Int64.max) ? time : nil
    }
}
