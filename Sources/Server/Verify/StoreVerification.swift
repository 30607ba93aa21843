import Ciphers
import EventLog
import Foundation
import Projections
import Wire

/// How `log verify` works.
public struct StoreVerifyOptions: Sendable {
    /// Only the tail since the newest checkpoint, and nothing but the log.
    public var fast = false
    /// Go on where an earlier run stopped.
    public var resume = false
    /// Only what needs no key: the log and its indexes.
    public var logOnly = false
    public var threads = 2

    public init() {}
}

/// What `log verify` found, part by part.
public struct StoreVerifyReport: Sendable {
    /// A read model against one folded anew.
    public struct View: Sendable, Hashable {
        public var name: String
        /// Compared as of here; nil where it was not compared.
        public var position: Position?
        public var problem: String?
        /// Why it cannot be folded further than `position`, which is before the log's head.
        public var stuck: String?
        /// Why it was not compared, where that is no problem: the next start builds it.
        public var absent: String?
    }

    public var log: VerifyReport
    public var keys: KeyReport?
    /// Receipts opened and held against their commitments.
    public var receipts: UInt64?
    public var receiptProblems: [VerifyReport.Problem] = []
    /// How far receipts' digests of what was shown were held against the versions they name.
    public var digests = ReceiptDigests.Counts()
    /// Orders to erase whose keys are there, by where the log orders it.
    public var erasureProblems: [VerifyReport.Problem] = []
    public var views: [View] = []
    /// What was not looked at, and why.
    public var notChecked: [String] = []

    public var isSound: Bool {
        log.isSound && keys?.isSound ?? true && receiptProblems.isEmpty && erasureProblems.isEmpty
            && views.allSatisfy { $0.problem == nil && $0.stuck == nil }
    }
}

/// Checks a store against itself, whatever state it is in and beside whoever writes it: the log and its indexes, then every
/// key, then receipts, then every read model against the log.
///
/// Each step's end is noted in `views/verifying`, and how far the first is; `resume` goes on from there.
public struct StoreVerification {
    /// Told the step (`the log`, `keys`, …), how far it is, and of how much.
    public typealias ProgressReport = @Sendable (_ step: String, _ done: UInt64, _ total: UInt64) -> Void

    private let paths: StorePaths
    private let options: StoreVerifyOptions
    private let notes: VerifyNotes
    private let progress: ProgressReport

    /// - Parameter masterKey: as for opening the store. Not needed with `logOnly` and `fast`.
    /// - Throws: `log` where LMDB cannot open the log at all, or the master key cannot be had.
    public static func run(
        at directory: String, masterKey: MasterKeySource? = nil,
        options: StoreVerifyOptions = StoreVerifyOptions(),
        progress: @escaping ProgressReport = { _, _, _ in }
    ) throws(StoreError) -> StoreVerifyReport {
        let paths = StorePaths(directory)
        let needsKey = !options.logOnly && !options.fast
        return try StoreError.translating {
            // Before hours of reading, not after.
            let master = needsKey ? try loadKey(masterKey ?? .file(path: paths.masterKey)) : nil
            let notes = try VerifyNotes(
                folder: paths.views + "/verifying", resume: options.resume, isKept: !options.fast)
            let run = StoreVerification(paths: paths, options: options, notes: notes, progress: progress)
            let report = try BackgroundWork.run { try run.all(master) }
            notes.remove()
            return report
        }
    }

    private static func loadKey(_ source: MasterKeySource) throws(LogError) -> SecretKey {
        do throws(LogError) { return try MasterKey.load(source) } catch .notFound(let what) {
            throw .notFound(what: "\(what); what needs no key is verified with --log-only")
        }
    }

    private func all(_ master: SecretKey?) throws -> StoreVerifyReport {
        var report = StoreVerifyReport(log: try checkLog(master))
        if options.fast {
            report.notChecked.append(
                "what is before \(report.log.from.next), indexes, keys, receipts and read models (--fast)")
        } else if options.logOnly {
            report.notChecked.append("keys, receipts and read models (--log-only)")
        }
        if !options.fast, !report.log.indexesChecked, report.log.problemCount == 0 {
            report.notChecked.append(
                "indexes: there are none, or they do not open; the next start builds them")
        }
        if report.log.hasTooManyStreams {
            report.notChecked.append(
                "the index of streams: there are more than verify keeps in memory; one built anew has them right"
            )
        }
        guard let master else { return report }
        if !notes.has("keys") {
            report.keys = try KeyVerification.run(at: paths.keys, master: master) { progress("keys", $0, 0) }
        } else {
            report.notChecked.append("keys: an earlier run did")
        }
        guard report.log.problemCount == 0, report.keys?.isSound ?? true else {
            report.notChecked.append("receipts and read models: the log or the keys are not what was written")
            return report
        }
        try checkFolded(master, &report)
        return report
    }

    private func checkLog(_ master: SecretKey?) throws(LogError) -> VerifyReport {
        let inspection = try LogInspection(LogPaths(store: paths.directory))
        defer { inspection.close() }
        var verify = VerifyOptions()
        verify.threads = options.threads
        // Where the key store does not give it, its own verification tells.
        verify.signer = master.flatMap { Store.signingKey(paths, $0) }
        verify.stateFile = options.fast ? nil : notes.file("log")
        verify.keepsState = true
        verify.start = options.fast ? .newestCheckpoint : options.resume ? .saved : .beginning
        let newest = try inspection.newest.value
        return try inspection.verify(verify) { [progress] in progress("the log", $0.value, newest) }
    }

    // MARK: Against the log

    private func checkFolded(_ master: SecretKey, _ report: inout StoreVerifyReport) throws {
        guard report.log.indexesChecked else {
            report.notChecked.append("receipts and read models: the log is not read without its indexes")
            return
        }
        let log = try EventLog(LogPaths(store: paths.directory), mode: .readOnly)
        defer { log.close() }
        let keys = try KeyStore(at: paths.keys, master: master, readOnly: true)
        defer { keys.close() }
        let opener = RecordOpener(keys: keys)
        let named = try log.maxKeySlot
        if let last = report.keys?.last, named > last { report.keys?.noteMissing(named) }
        report.erasureProblems = try ErasureCheck.problems(
            log, keys, opener, through: report.log.head.position)
        // Only then are they done: a run that goes on does not come back to them.
        if report.keys?.isSound == true, report.erasureProblems.isEmpty { notes.add("keys") }
        if notes.has("receipts") {
            report.notChecked.append("receipts: an earlier run did")
        } else {
            try checkReceipts(log, opener, &report)
            if report.receiptProblems.isEmpty { notes.add("receipts") }
        }
        if let reason = notes.unwritable {
            report.notChecked.append("read models, which are folded anew in \(notes.folder): \(reason)")
            return
        }
        try check(log, keys, &report) { IdentityProjection(opener: opener) }
        try check(log, keys, &report) { PolicyProjection(opener: opener, keys: keys) }
        try check(log, keys, &report) { TrailProjection(opener: opener) }
        try check(log, keys, &report) { RecordProjection(keys: RecordKeys(keys: keys, source: log)) }
        try check(log, keys, &report) { PeopleProjection(opener: opener, keys: keys) }
    }

    private func checkReceipts(
        _ log: EventLog, _ opener: RecordOpener, _ report: inout StoreVerifyReport
    ) throws(LogError) {
        let head = report.log.head.position
        var (next, checked) = (Position(1), UInt64(0))
        var digests = ReceiptDigests(log, opener)
        while next <= head {
            let batch = try log.records(after: Position(next.value - 1), through: head, maximumBytes: 4 << 20)
            {
                $0.recordClass == .receipt
            }
            for record in batch.records {
                checked += 1
                guard let problem = try ReceiptCheck.problem(record, opener, &digests),
                    report.receiptProblems.count < VerifyReport.problemsKept
                else { continue }
                report.receiptProblems.append(
                    .init(position: record.header.position, what: "the receipt: \(problem)"))
            }
            guard batch.through >= next else { break }
            next = batch.through.next
            progress("receipts", batch.through.value, head.value)
        }
        (report.receipts, report.digests) = (checked, digests.counts)
    }

    /// - Parameter projection: made anew for each try: it may keep what it opened.
    private func check<P: Projection>(
        _ log: EventLog, _ keys: KeyStore, _ report: inout StoreVerifyReport, _ projection: () -> P
    ) throws(ProjectionError) {
        let name = projection().name
        if notes.has("view \(name)") {
            report.notChecked.append("\(name): an earlier run did")
            return
        }
        switch try compare(log, keys, projection, head: report.log.head.position) {
        case .equal(let position):
            report.views.append(.init(name: name, position: position))
            notes.add("view \(name)")
        case .differs(let position, let what):
            report.views.append(.init(name: name, position: position, problem: what))
        case .stuck(let position, let what):
            report.views.append(.init(name: name, position: position, stuck: what))
        case .absent(let reason): report.views.append(.init(name: name, absent: reason))
        }
    }

    /// An erasure beside it destroys keys before the read models have dropped what was under them: whatever differs then is looked at
    /// again, until no key was destroyed meanwhile and none is about to be. Where nothing moves any more it was cut short, and its end
    /// may or may not drop what differs.
    private func compare<P: Projection>(
        _ log: EventLog, _ keys: KeyStore, _ projection: () -> P, head: Position
    ) throws(ProjectionError) -> ViewCheck.Outcome {
        var same = (state: try keyState(keys), since: ContinuousClock.now, tries: 0)
        while true {
            let projection = projection()
            let outcome = try ViewCheck.run(
                projection, views: paths.views, scratch: notes.folder, source: log, head: head
            ) { [progress] in progress("the read model \(projection.name)", $0.value, $1.value) }
            switch outcome {
            case .equal, .absent: return outcome
            case .differs, .stuck: break
            }
            let now = try keyState(keys)
            if now != same.state {
                same = (now, .now, 0)
            } else if now.erasing == nil {
                return outcome
            } else {
                same.tries += 1
                if same.tries > Self.tries || ContinuousClock.now - same.since > Self.patience {
                    guard case .differs(let at, let what) = outcome else { return outcome }
                    return .differs(at: at, what: what + Self.cutShort)
                }
            }
            usleep(Self.pauseMicroseconds)
        }
    }

    private static let cutShort =
        "; an erasure was cut short, which the next start finishes: start the store, and verify again"
    private static let tries = 20
    private static let patience = Duration.seconds(30)
    private static let pauseMicroseconds: UInt32 = 250_000

    private struct KeyState: Equatable {
        var version: [UInt8]
        /// The note of an erasure under way.
        var erasing: [UInt8]?
    }

    private func keyState(_ keys: KeyStore) throws(ProjectionError) -> KeyState {
        do throws(LogError) {
            return KeyState(version: try keys.version(), erasing: try keys.erasureUnderWay())
        } catch { throw .log(error) }
    }
}
