import Wire

/// What a checkpoint says (C2SP tlog-checkpoint): of which log, how many leaves, and their root. It means nothing without
/// the signature of the log's key.
public struct TreeCheckpoint: Hashable, Sendable {
    /// The log's name for good.
    public var origin: String
    public var size: UInt64
    public var root: Digest
    /// Lines behind the root, which this log does not write.
    public var extensions: [String] = []

    public init(origin: String, size: UInt64, root: Digest) {
        (self.origin, self.size, self.root) = (origin, size, root)
    }

    /// Reads a note's text.
    public init(parsing text: [UInt8]) throws(EvidenceError) {
        var lines = try EvidenceLines(text[...])
        let origin = try lines.next("the origin")
        guard !origin.isEmpty, let name = String(validating: origin, as: UTF8.self) else {
            throw EvidenceError(line: 1, "there is no origin")
        }
        guard let size = EvidenceLines.number(try lines.next("the size")) else {
            throw EvidenceError(line: 2, "the size is not a number")
        }
        guard let bytes = Base64.decode(try lines.next("the root")), let root = Digest(bytes) else {
            throw EvidenceError(line: 3, "the root is not a SHA-256 hash in base 64")
        }
        self.init(origin: name, size: size, root: root)
        while !lines.isAtEnd {
            let line = try lines.next("an extension")
            guard !line.isEmpty, let text = String(validating: line, as: UTF8.self) else {
                throw EvidenceError(line: lines.number, "an empty line inside the checkpoint")
            }
            extensions.append(text)
        }
    }

    /// The note's text.
    public var text: [UInt8] {
        let lines = [origin, "\(size)", Base64.encode(root.bytes)] + extensions
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }
}

extension SignedNote {
    /// Of a checkpoint: how many records it covers. Nothing says yet that it is signed.
    public var size: UInt64 {
        get throws(EvidenceError) { try TreeCheckpoint(parsing: text).size }
    }

    /// The checkpoint that the note is, once the log's key is seen to have signed it.
    ///
    /// - Throws: where it is none, of another origin, or not signed by that key.
    public func checkpoint(by key: NoteKey) throws(EvidenceError) -> TreeCheckpoint {
        let checkpoint = try TreeCheckpoint(parsing: text)
        guard checkpoint.origin == key.name else {
            throw EvidenceError(
                "the checkpoint is of the log \(checkpoint.origin), and the key of \(key.name)")
        }
        guard isSigned(by: key) else {
            throw EvidenceError("the checkpoint is not signed by the key \(key.name)+\(key.fingerprint)")
        }
        return checkpoint
    }
}
