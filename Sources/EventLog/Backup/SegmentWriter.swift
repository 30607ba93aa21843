import LMDB
import Wire

/// Copies records into a backup's segments: u32 length ‖ the record as it is stored, one after the other.
///
/// Each is checked as it is read (header, parts), and its leaf goes into the tree, whose root at the end is the log's own: then every record is
/// there. The log is read in short transactions; writing goes on beside it.
struct SegmentWriter {
    /// Bytes of a segment, about.
    static let segmentBytes = 256 << 20
    /// Bytes read before they are written, about.
    static let chunkBytes = 4 << 20

    let log: EventLog
    let folder: BackupFolder
    let segmentBytes: Int
    private(set) var frontier: MerkleFrontier

    init(
        log: EventLog, folder: BackupFolder, after last: Position, segmentBytes: Int
    ) throws(LogError) {
        (self.log, self.folder, self.segmentBytes) = (log, folder, segmentBytes)
        let storage = log.storage
        frontier = try log.read { (t: borrowing ReadTransaction) throws(LogError) in
            try storage.frontier(size: last.value, in: t)
        }
    }

    /// Copies what follows, through a position at most, into one file.
    mutating func segment(through: Position) throws(LogError) -> BackupManifest.Segment {
        let first = Position(frontier.count + 1)
        var segment = BackupManifest.Segment(first: first, last: first, bytes: 0, root: .zero)
        let file = WriteBehind(try BackupFile(creating: folder.path + "/" + segment.name))
        var written = 0
        while frontier.count < through.value, written < segmentBytes {
            let chunk = try chunk(through: through)
            written += chunk.count
            try file.write(chunk)
        }
        segment.bytes = try file.finish()
        segment.last = Position(frontier.count)
        segment.root = frontier.root
        return segment
    }

    private mutating func chunk(through: Position) throws(LogError) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(Self.chunkBytes + (64 << 10))
        var frontier = self.frontier
        try log.scan(from: Position(frontier.count + 1), through: through, batchBytes: Self.chunkBytes) {
            (view) throws(LogError) in
            withUnsafeBytes(of: UInt32(view.bytes.count).bigEndian) { out.append(contentsOf: $0) }
            out.append(contentsOf: view.bytes)
            frontier.append(RecordLeaf.hash(view.bytes))
            return out.count < min(Self.chunkBytes, segmentBytes) ? .goOn : .stop
        }
        guard frontier.count > self.frontier.count else {
            throw .corrupt(position: Position(frontier.count + 1), what: "the record is missing")
        }
        self.frontier = frontier
        return out
    }
}
