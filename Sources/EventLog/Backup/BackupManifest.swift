import Ciphers
import Wire

/// What a backup's folder holds and how it is checked: `MANIFEST`, lines of text.
///
///     daybook-backup 1
///     store HEX                              the leaf of position 1: which store it is of
///     segment FIRST LAST BYTES ROOT          one for each file, in order; ROOT over all records through LAST
///     head POSITION TIME                     where the backup ends; TIME in microseconds
///     keys FILE BYTES SHA256
///     checkpoints FILE BYTES SHA256          where the log has a place for them
///     end SHA256                             of all lines before it
///
/// A segment's records hash to its root, so that the root is its digest too. One without `head` and what follows it is of a backup under way
/// (`UNDERWAY`): what it lists is whole, and the next run goes on behind it.
struct BackupManifest: Hashable, Sendable {
    struct Segment: Hashable, Sendable {
        var first: Position
        var last: Position
        var bytes: UInt64
        var root: Digest

        /// The file's name: in the order of positions.
        var name: String {
            let digits = String(first.value)
            return "log-" + String(repeating: "0", count: 20 - digits.count) + digits
        }
    }

    /// A file that an `EntryDump` wrote.
    struct Dump: Hashable, Sendable {
        var name: String
        var bytes: UInt64
        var digest: Digest
    }

    var store: Digest
    var segments: [Segment] = []
    var recordedAt: Instant?
    var keys: Dump?
    var checkpoints: Dump?

    var last: Position { segments.last?.last ?? .start }
    var root: Digest { segments.last?.root ?? MerkleTree.emptyRoot }

    init(store: Digest) { self.store = store }

    var text: String {
        var lines = ["daybook-backup 1", "store \(store.hex)"]
        for segment in segments {
            lines.append(
                "segment \(segment.first.value) \(segment.last.value) \(segment.bytes) \(segment.root.hex)")
        }
        if let recordedAt { lines.append("head \(last.value) \(recordedAt.microseconds)") }
        for (kind, dump) in [("keys", keys), ("checkpoints", checkpoints)] {
            if let dump { lines.append("\(kind) \(dump.name) \(dump.bytes) \(dump.digest.hex)") }
        }
        let body = lines.joined(separator: "\n") + "\n"
        return body + "end \(SHA256.hash(Array(body.utf8)).hex)\n"
    }

    /// - Throws: `damaged` where it is not as it was written.
    init(_ text: String, file: String) throws(LogError) {
        let wrong = LogError.damaged(what: "\(file) is not what a backup wrote")
        guard let end = text.range(of: "end ", options: .backwards), end.lowerBound > text.startIndex,
            text.hasSuffix("\n"),
            Digest(hex: String(text[end.upperBound...].dropLast()))
                == SHA256.hash(Array(text[..<end.lowerBound].utf8))
        else { throw wrong }
        var lines = text[..<end.lowerBound].split(separator: "\n").map { $0.split(separator: " ") }
        guard lines.count >= 2, lines[0] == ["daybook-backup", "1"], lines[1].count == 2,
            lines[1][0] == "store", let store = Digest(hex: String(lines[1][1]))
        else { throw wrong }
        self.init(store: store)
        lines.removeFirst(2)
        for line in lines where try !take(line) { throw wrong }
        for (before, after) in zip(segments, segments.dropFirst())
        where before.last >= after.first || before.last.next != after.first { throw wrong }
        guard segments.first.map({ $0.first == Position(1) }) ?? true else { throw wrong }
        // To the letter: digits of a digest may be written in either case, and are written in one.
        guard self.text == text else { throw wrong }
    }

    private mutating func take(_ line: [Substring]) throws(LogError) -> Bool {
        switch (line.first, line.count) {
        case ("segment", 5):
            guard let first = UInt64(line[1]), let last = UInt64(line[2]), let bytes = UInt64(line[3]),
                let root = Digest(hex: String(line[4])), first > 0, first <= last
            else { return false }
            segments.append(Segment(first: Position(first), last: Position(last), bytes: bytes, root: root))
        case ("head", 3):
            guard UInt64(line[1]) == last.value, let time = Int64(line[2]) else { return false }
            recordedAt = Instant(microseconds: time)
        case ("keys", 4):
            keys = dump(line)
            return keys != nil
        case ("checkpoints", 4):
            checkpoints = dump(line)
            return checkpoints != nil
        default: return false
        }
        return true
    }

    /// A file named after its kind.
    private func dump(_ line: [Substring]) -> Dump? {
        guard let bytes = UInt64(line[2]), let digest = Digest(hex: String(line[3])),
            line[1].hasPrefix(line[0] + "-"), !line[1].contains("/")
        else { return nil }
        return Dump(name: String(line[1]), bytes: bytes, digest: digest)
    }
}
