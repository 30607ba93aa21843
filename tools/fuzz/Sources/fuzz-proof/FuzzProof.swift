import EventLog

/// Any bytes: a note, a checkpoint, a key, a proof and an update are read as what writes the same bytes, or refused with a
/// reason; none of them is signed by a key that nobody has.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProof(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let note = try? SignedNote(parsing: input) {
        precondition(note.bytes == input)
        precondition(!note.isSigned(by: key))
    }
    if let checkpoint = try? TreeCheckpoint(parsing: input) { precondition(checkpoint.text == input) }
    if let proof = try? RecordProof(parsing: input) {
        // Numbers in the extra data may be written longer than they need: what is written back reads the same.
        precondition((try? RecordProof(parsing: proof.bytes)) == proof)
        precondition((try? proof.check(by: key)) == nil)
    }
    if let update = try? CheckpointUpdate(parsing: input) {
        precondition(update.bytes == input)
        if let old = try? TreeCheckpoint(parsing: update.note.text) {
            precondition((try? update.check(from: old, by: key)) == nil)
        }
    }
    let text = String(decoding: input, as: UTF8.self)
    if let found = try? NoteKey(text) { precondition(found.description == text) }
    return 0
}

private let key = NoteKey(name: "nobody", kind: .log, publicKey: [UInt8](repeating: 9, count: 32))!
