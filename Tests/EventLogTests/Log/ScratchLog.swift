import Ciphers
import EventLog
import Foundation
import Wire

/// A directory for one test's store, removed when the test lets go of it.
final class ScratchLog: Sendable {
    let directory: String
    var paths: LogPaths { LogPaths(store: directory) }

    init() {
        directory =
            FileManager.default.temporaryDirectory.appendingPathComponent("daybook-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Small maps (debug builds and sanitizers like them) and small index batches, so that they are crossed.
    static func options(segmentRecords: UInt64 = 64) -> LogOptions {
        var options = LogOptions()
        options.mapBytes = 1 << 30
        options.indexMapBytes = 1 << 28
        options.segmentRecords = segmentRecords
        options.zeroAheadBytes = 1 << 20
        return options
    }

    func open(_ mode: EventLog.Mode = .writer, options: LogOptions = ScratchLog.options()) throws -> EventLog
    {
        try EventLog(paths, mode: mode, options: options)
    }

    /// A log with its first record.
    func create(simulated: Bool = true, options: LogOptions = ScratchLog.options()) throws -> EventLog {
        let log = try open(options: options)
        _ = try log.appendAndWait([try Draft.creation(simulated: simulated)])
        return log
    }
}

/// Records as tests make them: their parts are any bytes, for the log never opens them.
enum Draft {
    static func creation(simulated: Bool) throws -> Proposal {
        try Proposal(records: [
            record(.storeCreated, flags: simulated ? .simulatedClock : [], slotA: .region, partA: [1, 2, 3])
        ])
    }

    static func record(
        _ recordClass: RecordClass = .sourceUpdate, flags: RecordFlags = .advancesStream,
        stream: StreamToken = .none, slotA: KeySlot = KeySlot(3), slotB: KeySlot = .none,
        message: MessageKey? = nil, partA: [UInt8] = [9], partB: [UInt8] = []
    ) throws -> SealedRecord {
        try SealedRecord(
            recordClass: recordClass, flags: flags, stream: stream, slotA: slotA, slotB: slotB,
            message: message,
            partA: partA, partB: partB, hashA: SHA256.hash(partA),
            hashB: partB.isEmpty ? .zero : SHA256.hash(partB))
    }

    static func stream(_ number: UInt64) -> StreamToken {
        StreamToken(high: number &* 0x9E37_79B9_7F4A_7C15, low: number &+ 1)
    }

    static func message(_ id: UInt64, digest: UInt64 = 0) -> MessageKey {
        MessageKey(
            order: id / 4, id: StreamToken(high: id, low: id &* 0x9E37_79B9_7F4A_7C15),
            digest: StreamToken(high: digest, low: 7))
    }
}

extension AppendOutcome {
    var appended: Appended? { if case .appended(let a) = self { a } else { nil } }
}
