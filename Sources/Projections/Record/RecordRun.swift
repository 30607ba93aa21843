import EventLog
import Foundation
import Wire

/// A run of the log in shares by subject, each folded on its own: a subject's rows are written once for all its events of the run,
/// instead of once for every batch that has one.
struct RecordRun: Sendable {
    /// Everything up to here was looked at.
    private(set) var through: Position
    /// By subject, in the order of tokens; within a share in the order of the log.
    private(set) var shares: [[RecordMark]] = []

    /// What a run holds, and how it is divided, about.
    struct Limits: Sendable {
        /// Bytes of records. They stay in the log; the second look at them, subject by subject, should find them in the kernel's memory.
        var bytes = 256 << 20
        /// 32 bytes of memory each.
        var records = 1 << 20
        var shareBytes = 512 << 10
        /// Positions that one thread looks at in a go.
        var lookAhead: UInt64 = 8192
        /// Bytes that the events of one subject open to, unless there is but one: past it they are folded in pieces.
        var subjectBytes = SubjectEvents.maximumBytes
        /// Bytes of rows that one transaction writes: they are in memory until it commits.
        var transactionBytes = 24 << 20
    }

    /// Looks at the headers of as much of the log as a run takes.
    init(
        after start: Position, through end: Position, _ source: some RecordSource,
        limits: Limits, wants: @Sendable (RecordHeader) -> Bool
    ) throws(ProjectionError) {
        through = start
        var found: [[RecordMark]] = []
        var (bytes, records) = (0, 0)
        let threads = ProcessInfo.processInfo.activeProcessorCount
        while through < end, bytes < limits.bytes, records < limits.records {
            let first = through.value
            let left = (end.value - first + limits.lookAhead - 1) / limits.lookAhead
            let pieces = Int(min(left, UInt64(2 * threads)))
            found += try ParallelWork.map(count: pieces) { (piece) throws(ProjectionError) -> [RecordMark] in
                let after = first + UInt64(piece) * limits.lookAhead
                return try Self.marks(
                    after: Position(after), through: Position(min(end.value, after + limits.lookAhead)),
                    source,
                    wants)
            }
            for marks in found.suffix(pieces) {
                records += marks.count
                bytes += marks.reduce(0) { $0 + Int($1.weight) }
            }
            through = Position(min(end.value, first + UInt64(pieces) * limits.lookAhead))
        }
        divide(found, shares: bytes / limits.shareBytes)
    }

    private static func marks(
        after: Position, through: Position, _ source: some RecordSource, _ wants: (RecordHeader) -> Bool
    ) throws(ProjectionError) -> [RecordMark] {
        var marks: [RecordMark] = []
        let seen: RecordBatch
        do throws(LogError) {
            // None is taken: the headers are all that is read.
            seen = try source.records(after: after, through: through, maximumBytes: .max) { header in
                if wants(header) { marks.append(RecordMark(header)) }
                return false
            }
        } catch { throw .log(error) }
        guard seen.through == through else {
            throw .damaged(what: "the log gave nothing after \(seen.through)")
        }
        return marks
    }

    /// Shares by the first bits of tokens, which are keyed hashes: about as heavy as each other.
    private mutating func divide(_ found: [[RecordMark]], shares wanted: Int) {
        var bits: UInt64 = 0
        while bits < 12, 1 << bits < wanted { bits += 1 }
        shares = Array(repeating: [], count: 1 << bits)
        let average = found.reduce(0) { $0 + $1.count } / shares.count
        for index in shares.indices { shares[index].reserveCapacity(average + average / 4) }
        for marks in found {
            for mark in marks { shares[bits == 0 ? 0 : Int(mark.token.high >> (64 - bits))].append(mark) }
        }
    }
}
