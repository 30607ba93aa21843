import Ciphers
import Wire

/// The log's signing key as the key store keeps it: u8 1 ‖ u8 length ‖ name ‖ public key 32 ‖ sealed private key 60.
///
/// It is sealed under the region's key, which lives as long as the store: a change of the master key leaves it as it is.
enum SigningEntry {
    private static let version: UInt8 = 1

    /// Everything before the sealed private key, which authenticates it.
    private static func clear(_ key: NoteKey) -> [UInt8] {
        [version, UInt8(key.name.utf8.count)] + Array(key.name.utf8) + key.publicKey
    }

    private static func context(_ clear: [UInt8]) -> [UInt8] { Array("daybook.signing.1".utf8) + clear }

    static func encode(_ signer: CheckpointSigner, region: SecretKey) throws(LogError) -> [UInt8] {
        let clear = clear(signer.key)
        var seed = signer.seed.withUnsafeBytes { [UInt8]($0) }
        defer { SecretKey.wipe(&seed) }
        let bytes = seed
        return clear
            + (try LogError.sealing { () throws(CipherError) in
                try AESGCM.seal(bytes, key: region, authenticating: context(clear))
            })
    }

    /// - Throws: `damaged` where the entry is not what was written.
    static func decode(_ bytes: [UInt8], region: SecretKey) throws(LogError) -> CheckpointSigner {
        do {
            var reader = ByteReader(bytes)
            guard try reader.u8() == version else { throw LogError.damaged(what: "of another version") }
            let name = String(validating: try reader.raw(Int(try reader.u8())), as: UTF8.self)
            let publicKey = Array(try reader.raw(Ed25519.publicKeyBytes))
            guard let name, let key = NoteKey(name: name, kind: .log, publicKey: publicKey) else {
                throw LogError.damaged(what: "its name")
            }
            var opened = try AESGCM.open(
                Array(try reader.raw(reader.remaining)), key: region, authenticating: context(clear(key)))
            defer { SecretKey.wipe(&opened) }
            guard let seed = SecretKey(opened), try Ed25519.publicKey(of: seed) == publicKey else {
                throw LogError.damaged(what: "its two halves")
            }
            return CheckpointSigner(key: key, seed: seed)
        } catch { throw .damaged(what: "the log's signing key does not open: \(error)") }
    }
}
