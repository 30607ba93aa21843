import Ciphers
import LMDB
import Wire

extension KeyStore {
    /// The signer of the log's checkpoints; nil where none was made yet.
    ///
    /// - Throws: `damaged` where its entry is not what was written; `lmdb`.
    public func signer() throws(LogError) -> CheckpointSigner? {
        let entry = try reading { (tables, t, _) throws(LMDBError) in
            try t.copy(tables.meta, MetaKey.signing)
        }
        guard let entry else { return nil }
        return try SigningEntry.decode(entry, region: try key(.region))
    }

    /// The signer of the log's checkpoints, made where there is none: durable when this returns, and never made anew.
    ///
    /// - Parameter origin: the log's name for good, as C2SP's origin line (a URL without its scheme); by default one made from
    ///   the public key. Only looked at where the signer is made.
    /// - Throws: `invalid` for a name that is none; `damaged`, `lmdb`, `full`, `stopped`, `readOnly`.
    public func makeSigner(origin: String? = nil) throws(LogError) -> CheckpointSigner {
        try allocation.withLock { (_) throws(LogError) in
            if let signer = try signer() { return signer }
            let (seed, publicKey) = try LogError.sealing { () throws(CipherError) in
                let seed = try SecretKey.random()
                return (seed, try Ed25519.publicKey(of: seed))
            }
            let name = origin ?? "daybook/\(SHA256.hash(publicKey).hex.prefix(16))"
            guard let key = NoteKey(name: name, kind: .log, publicKey: publicKey) else {
                throw .invalid(
                    what: "\(name) cannot name a log: at most 255 bytes, without spaces and plus signs")
            }
            let signer = CheckpointSigner(key: key, seed: seed)
            let entry = try SigningEntry.encode(signer, region: try self.key(.region))
            try writing { (tables, t) throws(LMDBError) in try t.put(tables.meta, MetaKey.signing, entry) }
            return signer
        }
    }
}
