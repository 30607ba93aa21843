/// Why a note, a proof or a key in text is not one, or does not hold.
public struct EvidenceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The 1-based line that it is about; 0 where it is about the whole.
    public var line: Int
    public var what: String

    public init(line: Int = 0, _ what: String) { (self.line, self.what) = (line, what) }

    public var description: String { line == 0 ? what : "line \(line): \(what)" }
}

/// Named limits of what evidence is read.
public enum EvidenceLimits {
    /// Bytes of a note: a checkpoint with many cosignatures stays far below.
    public static let noteBytes = 64 << 10
    /// Signature lines of a note, at most.
    public static let signatures = 64
    /// Bytes of a proof's text: what it discloses is in it.
    public static let proofBytes = 64 << 20
    /// Hashes of a proof: a tree of 2^63 leaves needs no more.
    public static let hashes = 126
    /// Items that a proof discloses.
    public static let items = 1024
}
