import Ciphers
import Wire

/// Signs a log's checkpoints. Made once for a store and kept with its keys.
public struct CheckpointSigner: Sendable {
    /// Name and public key: what whoever checks evidence must have had beforehand.
    public let key: NoteKey
    let seed: SecretKey

    func sign(_ checkpoint: TreeCheckpoint) throws(LogError) -> SignedNote {
        precondition(checkpoint.origin == key.name)
        var note = SignedNote(text: checkpoint.text, signatures: [])
        try note.sign(key, seed: seed)
        return note
    }
}
