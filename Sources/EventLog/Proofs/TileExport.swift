import Foundation
import Glibc
import LMDB
import Wire

/// A log's headers and tree as files, as C2SP tlog-tiles lays them out: `checkpoint`, `tile/LEVEL/N`, `tile/entries/N`.
/// An entry is a record's header, so nothing sealed is in them.
public struct TileExport: Sendable {
    /// What was exported.
    public struct Summary: Sendable, Hashable {
        public var size: UInt64
        /// The positions whose headers are there: whole tiles of 256, so a little more than was asked for.
        public var first: Position
        public var last: Position
        /// Files written, the checkpoint's among them; what an earlier export wrote, and is as it wrote it, is not counted.
        public var files = 0
    }

    private let log: EventLog
    private let note: SignedNote
    private let origin: String
    private let size: UInt64
    private let head: UInt64
    private let folder: URL

    /// - Throws: `notFound` where the log is shorter than the checkpoint.
    public init(_ log: EventLog, under note: SignedNote, to folder: String) throws(LogError) {
        (self.log, self.note) = (log, note)
        let checkpoint = try EventLog.reading(note)
        (origin, size) = (checkpoint.origin, checkpoint.size)
        head = try log.covering(size)
        self.folder = URL(filePath: folder)
    }

    /// Writes the entries of a range and all of the tree that proves them: the whole log where no range is given. The
    /// checkpoint comes last, so that what it covers is there, and on the disk, when it is.
    ///
    /// - Throws: `exists` where the folder holds what is not this log's; `corrupt` where a tile is not the tree's; `system` where a file cannot be written.
    public func write(
        from first: Position = Position(1), through last: Position? = nil,
        progress: (Position) -> Void = { _ in }
    ) throws(LogError) -> Summary {
        let last = min(last ?? Position(size), Position(size))
        guard first > .start, first <= last else {
            throw .invalid(
                what: "there is nothing from \(first) to \(last) in a checkpoint of \(size) records")
        }
        try checkFolder()
        let bundles = (first.value - 1) >> 8...(last.value - 1) >> 8
        var summary = Summary(
            size: size, first: Position(bundles.lowerBound << 8 + 1),
            last: Position(min((bundles.upperBound + 1) << 8, size)))
        for index in bundles {
            try put(path("0", index, width(0, index)), &summary) { () throws(LogError) in try tile(0, index) }
            try put(path("entries", index, width(0, index)), &summary) { () throws(LogError) in
                try bundle(index)
            }
            progress(Position(min((index + 1) << 8, size)))
        }
        for level in 0...7 where size >> UInt64(8 * level) > 0 {
            let nodes = size >> UInt64(8 * level)
            // On the lowest level the right edge alone: the root is made from it.
            let indexes = level == 0 ? [(nodes - 1) >> 8] : Array(0...(nodes - 1) >> 8)
            for index in indexes {
                try put(path("\(level)", index, width(level, index)), &summary) { () throws(LogError) in
                    try tile(level, index)
                }
            }
        }
        let checkpoint = folder.appending(path: "checkpoint")
        if (try? Data(contentsOf: checkpoint)) != Data(note.bytes) { summary.files += 1 }
        try makeDurable()
        try write(note.bytes, to: "checkpoint")
        try makeDurable()
        return summary
    }

    // MARK: Contents

    private func width(_ level: Int, _ index: UInt64) -> Int {
        Int(min(UInt64(MerkleTile.width), size >> UInt64(8 * level) - index << 8))
    }

    private func tile(_ level: Int, _ index: UInt64) throws(LogError) -> [UInt8] {
        try log.proofs.tile(level: level, index: index, head).bottom.prefix(width(level, index)).flatMap(
            \.bytes)
    }

    /// Entries with their lengths, u16 each.
    private func bundle(_ index: UInt64) throws(LogError) -> [UInt8] {
        var out = ByteWriter(capacity: MerkleTile.width * (RecordHeader.byteCount + 2))
        let first = Position(index << 8 + 1)
        let last = Position(first.value + UInt64(width(0, index)) - 1)
        let reached = try log.scan(from: first, through: last, checkingParts: false) {
            (view) throws(LogError) -> EventLog.ScanStep in
            out.u16(UInt16(RecordHeader.byteCount))
            out.raw(view.header.encoded())
            return .goOn
        }
        guard reached == last else { throw .corrupt(position: reached.next, what: "the record is missing") }
        return out.bytes
    }

    // MARK: Files

    /// `x001/x234/067`, and `.p/W` for a tile that is not full.
    static func name(_ index: UInt64, _ width: Int) -> String {
        var groups: [String] = []
        var rest = index
        repeat {
            let digits = String(rest % 1000)
            groups.insert(String(repeating: "0", count: 3 - digits.count) + digits, at: 0)
            rest /= 1000
        } while rest > 0
        let name = groups.dropLast().map { "x\($0)/" }.joined() + groups[groups.count - 1]
        return width < MerkleTile.width ? "\(name).p/\(width)" : name
    }

    private func path(_ kind: String, _ index: UInt64, _ width: Int) -> String {
        "tile/\(kind)/\(Self.name(index, width))"
    }

    /// An export goes on from an earlier one of the same log, and never into another's: tiles of two would be mixed, and the other's
    /// checkpoint lost.
    private func checkFolder() throws(LogError) {
        guard let found = FileManager.default.contents(atPath: folder.appending(path: "checkpoint").path)
        else {
            return
        }
        let earlier: TreeCheckpoint
        do throws(EvidenceError) {
            earlier = try TreeCheckpoint(parsing: try SignedNote(parsing: Array(found)).text)
        } catch { throw .exists(what: "a checkpoint in \(folder.path), which does not read (\(error))") }
        guard earlier.origin == origin else {
            throw .exists(what: "an export of another log, \(earlier.origin), in \(folder.path)")
        }
        // A checkpoint of more records than the log has is of the log before it lost them, or of another.
        guard earlier.size <= head, try log.proofs.root(size: earlier.size, head: head) == earlier.root else {
            throw .exists(what: "an export in \(folder.path) whose checkpoint is not of this log as it is")
        }
    }

    /// Everything written so far is on the disk, and folders with it: all of the file system that the folder is on, and no other.
    private func makeDurable() throws(LogError) {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(code: errno, operation: "open \(folder.path)") }
        defer { close(descriptor) }
        let code = FileRange.syncFileSystem(descriptor)
        if code != 0 { throw .system(code: code, operation: "syncfs \(folder.path)") }
    }

    /// A tile never changes: one that is there is left. One that is not what it should be was torn, and is written again.
    private func put(
        _ path: String, _ summary: inout Summary, _ content: () throws(LogError) -> [UInt8]
    ) throws(LogError) {
        let bytes = try content()
        if let found = FileManager.default.contents(atPath: folder.appending(path: path).path),
            found.elementsEqual(bytes)
        {
            return
        }
        try write(bytes, to: path)
        summary.files += 1
    }

    private func write(_ bytes: [UInt8], to path: String) throws(LogError) {
        let url = folder.appending(path: path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url, options: .atomic)
        } catch let error as CocoaError {
            let code = (error.underlying as? POSIXError)?.code.rawValue ?? 0
            throw .system(code: code, operation: "write \(url.path)")
        } catch { throw .system(code: 0, operation: "write \(url.path): \(error)") }
    }
}
