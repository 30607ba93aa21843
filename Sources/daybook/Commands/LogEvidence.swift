import ArgumentParser
import EventLog
import Foundation
import Intake
import Server
import Wire

struct LogKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The public key that signs the log's checkpoints, and its fingerprint.",
        discussion: "Whoever will check evidence needs it beforehand, and not together with the evidence.")

    @OptionGroup var store: StoreOptions

    func run() throws {
        let known = try store.withLog { try $0.checkpointKey() }
        let key = try known ?? store.withStore { try $0.checkpointKey() }
        // The one in the log is whoever's who could write it; where the key store is at hand, it says which is the store's.
        if known != nil, let own = try ownKey(), own != key {
            throw CommandFailure(
                status: .trouble,
                message:
                    "the key beside the log's checkpoints is not this store's: it is \(key.fingerprint), and the store's is "
                    + "\(own.fingerprint) (\(own)). Run `daybook log verify`.")
        }
        store.answer(
            json: {
                var w = JSONWriter()
                w.object { w in
                    w.member("key", key.description)
                    w.member("name", key.name)
                    w.member("fingerprint", key.fingerprint)
                }
                return w.finish()
            },
            text: { "\(key)\n" })
    }

    /// The key as the key store has it; nil where that, or the master key, is not at hand.
    private func ownKey() throws -> NoteKey? {
        if let served = ServedCommand.current { return try served.store.checkpointKey() }
        return Store.signingKey(at: store.path, masterKey: store.masterKeySource)
    }
}

struct LogCheckpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Sign the log as it stands, and keep the signed checkpoint in the log.",
        discussion: """
            Everything since the checkpoint before is read and hashed again first. With --since it also proves, in the text that a \
            witness takes (C2SP tlog-witness, add-checkpoint), that the log only grew since it had that many records. With --cosign it \
            adds the cosignatures that a witness answered to the checkpoint they are of.
            """)

    @Option(help: ArgumentHelp("Prove that it only grew since it had so many records.", valueName: "records"))
    var since: UInt64?

    @Option(
        help: ArgumentHelp(
            "Take cosignatures: a witness's answer, or a cosigned checkpoint.", valueName: "file"))
    var cosign: String?

    @Option(help: ArgumentHelp("The key of a witness whose cosignatures are taken.", valueName: "key"))
    var witness: [String] = []

    @Option(help: ArgumentHelp("Where to write it (default: standard output).", valueName: "file"))
    var output: String?

    @OptionGroup var store: StoreOptions

    func validate() throws {
        if cosign != nil, witness.isEmpty {
            throw ValidationError("--cosign needs the --witness whose it is")
        }
        if cosign != nil, since != nil { throw ValidationError("--cosign and --since are two commands") }
        if cosign == nil, !witness.isEmpty { throw ValidationError("--witness belongs to --cosign") }
    }

    func run() throws {
        let (note, bytes) = try store.withStore { store -> (SignedNote, [UInt8]) in
            if let cosign {
                let note = try addCosignatures(try EvidenceFile.read(cosign), store.log)
                return (note, note.bytes)
            }
            let progress = Progress("reading what was appended since the last checkpoint")
            defer { progress.finish() }
            let head = try store.log.head.position.value
            let note = try store.makeCheckpoint { progress.update($0.value, of: head, unit: "records") }
            return (note, try since.map { try update(from: $0, note, store.log).bytes } ?? note.bytes)
        }
        if let output { try EvidenceFile.write(bytes, to: output) }
        let checkpoint = try TreeCheckpoint(parsing: note.text)
        store.answer(
            json: { json(checkpoint, note) },
            text: {
                guard let output else { return String(decoding: bytes, as: UTF8.self) }
                return "Wrote \(output): \(Words.count(checkpoint.size, "record")), "
                    + "\(Words.count(note.signatures.count, "signature")).\n"
            })
    }

    private func update(from size: UInt64, _ note: SignedNote, _ log: EventLog) throws -> CheckpointUpdate {
        do { return try log.update(from: size, to: note) } catch LogError.notFound(let what) {
            throw ValidationError("--since: there is no \(what)")
        }
    }

    private func addCosignatures(_ bytes: [UInt8], _ log: EventLog) throws -> SignedNote {
        do {
            let witnesses = try witness.map { try EvidenceFile.key($0) }
            let whole = try? SignedNote(parsing: bytes)
            let lines = try whole?.signatures ?? SignedNote.signatures(bytes[...])
            guard let size = try whole?.size ?? log.newestCheckpoint()?.size else {
                throw ValidationError("--cosign: there is no checkpoint yet")
            }
            return try log.addCosignatures(lines, toCheckpointOf: size, by: witnesses).note
        } catch let error as EvidenceError {
            throw ValidationError("--cosign: \(error)")
        } catch LogError.invalid(let what) {
            throw CommandFailure(status: .problem, message: what)
        } catch LogError.notFound(let what) { throw ValidationError("--cosign: there is no \(what)") }
    }

    private func json(_ checkpoint: TreeCheckpoint, _ note: SignedNote) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("origin", checkpoint.origin)
            w.member("size", checkpoint.size)
            w.member("root", checkpoint.root.hex)
            w.key("signatures")
            w.array { w in for signature in note.signatures { w.string(signature.name) } }
            w.member("note", String(decoding: note.bytes, as: UTF8.self))
        }
        return w.finish()
    }
}

struct LogProof: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof", abstract: "Write one file that proves that a record stands at its position.",
        discussion: """
            A C2SP tlog-proof: the record's header, its path in the tree, and the newest checkpoint that covers it (one is made where \
            none does, which needs the store for writing). tools/verify_evidence.py checks it; docs/EVIDENCE.md says how else.
            """)

    @Argument(help: ArgumentHelp("The record's position, quoted: '#41'.", valueName: "#position"))
    var position: PositionArgument

    @Option(
        help: ArgumentHelp(
            "Where to write it (default: POSITION.tlog-proof; - for standard output).", valueName: "file"))
    var output: String?

    @OptionGroup var store: StoreOptions

    func run() throws {
        let proof = try kept() ?? made()
        let path = output ?? "\(position.value.value).tlog-proof"
        try EvidenceFile.write(proof.bytes, to: path)
        if path == "-" { return }
        let size = try proof.note.size
        store.answer(
            json: {
                var w = JSONWriter()
                w.object { w in
                    w.member("file", path)
                    w.member("position", position.value.value)
                    w.member("size", size)
                }
                return w.finish()
            },
            text: {
                "Wrote \(path): \(position.value) in the checkpoint of \(Words.count(size, "record")).\n"
            })
    }

    /// Under a checkpoint that there is: reads only, beside whoever writes.
    private func kept() throws -> RecordProof? {
        try store.withLog { log in
            let head = try log.head.position
            guard position.value <= head else {
                throw ValidationError("there is no \(position.value) yet: the newest record is \(head)")
            }
            guard let note = try log.newestCheckpoint(), let key = try log.checkpointKey(),
                try note.size >= position.value.value
            else { return nil }
            let proof = try log.proof(of: position.value, under: note)
            try proof.check(by: key)
            return proof
        }
    }

    private func made() throws -> RecordProof {
        try store.withStore { store in
            let note = try store.checkpoint(covering: position.value)
            let proof = try store.log.proof(of: position.value, under: note)
            try proof.check(by: try store.checkpointKey())
            return proof
        }
    }
}

struct LogExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write headers, tree and checkpoint as files (C2SP tlog-tiles), all or a range.",
        discussion: """
            Under the newest checkpoint: make one first with `daybook log checkpoint`. Exporting into the same folder again adds what is \
            new. Nothing sealed is exported.
            """)

    @Argument(help: ArgumentHelp("The folder, made where it is missing.", valueName: "dir"))
    var folder: String

    @Option(help: ArgumentHelp("From this position on.", valueName: "#position"))
    var from: PositionArgument?

    @Option(help: ArgumentHelp("Through this position.", valueName: "#position"))
    var to: PositionArgument?

    @OptionGroup var store: StoreOptions

    func run() throws {
        let summary = try store.withLog { log -> TileExport.Summary in
            guard let note = try log.newestCheckpoint() else {
                throw CommandFailure(
                    status: .usage,
                    message: "there is no checkpoint to export under: make one with `daybook log checkpoint`")
            }
            let progress = Progress("exporting")
            defer { progress.finish() }
            do {
                return try TileExport(log, under: note, to: folder).write(
                    from: from?.value ?? Position(1), through: to?.value
                ) { progress.update($0.value, of: try? note.size, unit: "records") }
            } catch LogError.invalid(let what) { throw ValidationError(what) }
        }
        store.answer(
            json: {
                var w = JSONWriter()
                w.object { w in
                    w.member("folder", folder)
                    w.member("size", summary.size)
                    w.member("first", summary.first.value)
                    w.member("last", summary.last.value)
                    w.member("files", summary.files)
                }
                return w.finish()
            },
            text: {
                "Exported \(summary.first) to \(summary.last) under the checkpoint of "
                    + "\(Words.count(summary.size, "record")) to \(folder): \(Words.count(summary.files, "new file")).\n"
            })
    }
}
