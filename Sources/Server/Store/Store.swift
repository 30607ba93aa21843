import CareRecord
import Ciphers
@_spi(Torture) import EventLog
import Foundation
import Metrics
import Projections
import Synchronization
import Wire

/// A store, open: the log, its keys, and the read models, wired together. The composition root of everything that
/// commands and the server do.
///
/// One process writes a store at a time; share the object between threads.
public final class Store: Sendable {
    public let paths: StorePaths
    public let log: EventLog
    let keys: KeyStore
    let sealer: RecordSealer
    let opener: RecordOpener
    public let identity: ProjectionWorker<IdentityProjection, EventLog>
    public let policy: ProjectionWorker<PolicyProjection, EventLog>
    public let trail: ProjectionWorker<TrailProjection, EventLog>
    public let record: ProjectionWorker<RecordProjection, EventLog>
    /// Folded by searches, not by views.
    public let people: ProjectionWorker<PeopleProjection, EventLog>
    let regionPolicy: RegionPolicy
    /// Whether the clock is set by callers, for good: every answer says so.
    public let isSimulated: Bool
    /// Names of subjects by token, read once from their first update.
    let subjectNames = Mutex<[StreamToken: SubjectID]>([:])
    static let maximumSubjectNames = 100_000
    /// Messages that came again since the store was opened, by source: they leave no event.
    let duplicates = Mutex<[String: UInt64]>([:])
    /// Which receipts policy must fold.
    let spending = Mutex(Spending())
    /// What reads each source's messages, as the region last was.
    let sourceReaders = Mutex<SourceReaders?>(nil)
    /// Held while messages are linked and appended: identity does not move under a look at it.
    let intake = FairLock()
    /// How long a receipt takes, from before it is made until it is durable.
    let receiptTimes = Timer(label: "daybook_receipt")
    /// `--now`: what the clock of a simulated store says.
    private let now: Mutex<Instant?>

    /// Makes a store in a directory that is not there yet, or is empty.
    ///
    /// - Parameters:
    ///   - masterKey: where the key that wraps all others is; nil makes `STORE.key` beside the store.
    ///   - origin: the log's name in checkpoints, for good; nil makes one from its key.
    /// - Returns: the key that signs the log's checkpoints.
    /// - Throws: `usage` where something is there already.
    @discardableResult
    public static func create(
        at directory: String, simulatedClock: Bool = false, now: Instant? = nil,
        masterKey: MasterKeySource? = nil, origin: String? = nil
    ) throws(StoreError) -> NoteKey {
        let paths = StorePaths(directory)
        let files = FileManager.default
        let found = (try? files.contentsOfDirectory(atPath: directory)) ?? []
        guard found.isEmpty else {
            throw .usage("\(directory) is not empty: name a new folder with --store, or remove it")
        }
        let (wasThere, hadKey) = (
            files.fileExists(atPath: directory), files.fileExists(atPath: paths.masterKey)
        )
        return try StoreError.translating {
            try files.createDirectory(
                atPath: directory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            // Of two that make a store in one place, one goes on.
            guard mkdir(paths.log, 0o700) == 0 else {
                throw LogError.system(code: errno, operation: "mkdir \(paths.log)")
            }
            do {
                return try make(
                    paths, simulatedClock: simulatedClock, now: now, masterKey: masterKey, origin: origin)
            } catch {
                // A store that was only half made is none, and its key opens nothing.
                for folder in [paths.log, paths.keys, paths.views] { try? files.removeItem(atPath: folder) }
                if !wasThere { rmdir(directory) }
                if masterKey == nil, !hadKey { unlink(paths.masterKey) }
                throw error
            }
        }
    }

    private static func make(
        _ paths: StorePaths, simulatedClock: Bool, now: Instant?, masterKey: MasterKeySource?, origin: String?
    ) throws -> NoteKey {
        for folder in [paths.keys, paths.views] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        }
        let master =
            try masterKey.map { source throws(LogError) in try MasterKey.load(source) }
            ?? MasterKey.create(file: paths.masterKey)
        let keys = try KeyStore.create(at: paths.keys, master: master)
        defer { keys.close() }
        let key = try keys.makeSigner(origin: origin).key
        let log = try EventLog(LogPaths(store: paths.directory))
        defer { log.close() }
        if let now { try log.simulate(now: now) }
        // The first record: what kind of store this is, for good.
        let created = try RecordSealer(keys: keys).seal(
            .storeCreated, flags: simulatedClock ? .simulatedClock : [], slotB: .region,
            bodyB: [BodyItem(Array("{\"v\":1,\"simulatedClock\":\(simulatedClock)}".utf8))])
        _ = try log.appendAndWait([Proposal(records: [created])])
        return key
    }

    /// Opens a store for reading and writing.
    ///
    /// - Parameters:
    ///   - now: what the clock says, on a simulated-clock store only.
    ///   - masterKey: where the master key is; nil for the file that `init` makes, beside the store.
    ///   - options: how the log is opened: sizes of its maps, and how it is written.
    /// - Throws: `usage` where there is no store, or `now` is before its newest record.
    public init(
        at directory: String, now: Instant? = nil, masterKey: MasterKeySource? = nil,
        options: LogOptions = LogOptions()
    ) throws(StoreError) {
        let paths = StorePaths(directory)
        guard FileManager.default.fileExists(atPath: paths.log + "/data.mdb") else {
            throw .usage(
                "there is no store at \(directory): make one with `daybook init --store \(directory)`")
        }
        self.paths = paths
        self.now = Mutex(now)
        let opened = try StoreError.translating { () -> (KeyStore, EventLog) in
            let master = try MasterKey.load(masterKey ?? .file(path: paths.masterKey))
            // The log first: its lock makes this process the only one that touches the keys.
            let log = try EventLog(LogPaths(store: directory), options: options)
            do {
                let keys = try KeyStore(at: paths.keys, master: master)
                try keys.setUsed(through: log.maxKeySlot)
                return (keys, log)
            } catch {
                log.close()
                throw error
            }
        }
        (keys, log) = opened
        sealer = RecordSealer(keys: keys)
        opener = RecordOpener(keys: keys)
        let (opener, keys, log) = (self.opener, self.keys, self.log)
        let views = paths.views
        identity = try StoreError.translating {
            try ProjectionWorker(IdentityProjection(opener: opener), views: views, source: log)
        }
        policy = try StoreError.translating {
            try ProjectionWorker(PolicyProjection(opener: opener, keys: keys), views: views, source: log)
        }
        trail = try StoreError.translating {
            try ProjectionWorker(TrailProjection(opener: opener), views: views, source: log)
        }
        people = try StoreError.translating {
            try ProjectionWorker(PeopleProjection(opener: opener, keys: keys), views: views, source: log)
        }
        record = try StoreError.translating {
            try ProjectionWorker(
                RecordProjection(keys: RecordKeys(keys: keys, source: log)), views: views, source: log)
        }
        regionPolicy = RegionPolicy(log: log, opener: opener)
        isSimulated = try StoreError.translating { try log.isSimulated }
        if let now { try setClock(to: now) }
        try finishErasure()
    }

    /// Sets the clock of a simulated store, for everything that follows.
    ///
    /// - Throws: `usage` where the clock is the machine's, or the time is before the newest record.
    public func setClock(to instant: Instant) throws(StoreError) {
        guard isSimulated else {
            throw .usage(
                "--now: this store's clock is the machine's; only a simulated-clock store takes another time")
        }
        do throws(LogError) { try log.simulate(now: instant) } catch .clockBehind(let newest, _) {
            throw .usage("--now \(instant) is before the newest record, of \(newest)")
        } catch { throw .log(error) }
        now.withLock { $0 = instant }
    }

    /// Says what a test does after each step of an erasure.
    @_spi(Torture) public func afterErasureSteps(_ probe: KeyStore.Probe?) {
        keys.afterSteps(probe)
    }

    /// Finishes what is under way, syncs and closes.
    public func close() {
        identity.stop()
        policy.stop()
        trail.stop()
        record.stop()
        people.stop()
        log.close()
        keys.close()
    }

    /// What the clock says now: given, or just after the newest record on a simulated-clock store; else the log's, which follows the
    /// machine's as far as it believes it. What is decided and what is recorded go by one clock.
    func clock() throws(StoreError) -> Instant {
        let newest = try head().recordedAt
        let given = now.withLock { $0 } ?? .distantPast
        if isSimulated { return max(given, Instant(microseconds: newest.microseconds + 1)) }
        do throws(LogError) { return max(try log.now, newest) } catch { throw .log(error) }
    }

    func head() throws(StoreError) -> LogHead {
        do throws(LogError) { return try log.head } catch { throw .log(error) }
    }

    // MARK: Appending

    var knownSlot: KnownSlot {
        let log = self.log
        return { (stream) throws(LogError) in try log.slot(of: stream) }
    }

    func append(_ unit: [Proposal]) throws(StoreError) -> [AppendOutcome] {
        do throws(LogError) {
            let unit = try unit.map { (proposal) throws(LogError) in try namingKeys(proposal) }
            Turn.current?.end()
            let outcomes = try log.appendAndWait(unit)
            settle(unit, outcomes)
            return outcomes
        } catch { throw .log(error) }
    }

    /// `append` of one, for a task: no thread waits meanwhile. Whoever made the proposal named its keys.
    func append(named proposal: Proposal) async throws(StoreError) -> AppendOutcome {
        do throws(LogError) {
            let outcomes = try await log.append([proposal])
            settle([proposal], outcomes)
            return outcomes[0]
        } catch { throw .log(error) }
    }

    /// The log knows these streams' slots now: the key store need not remember them. Of what was refused it knows nothing, and
    /// others may be about to append under the same reservations.
    private func settle(_ unit: [Proposal], _ outcomes: [AppendOutcome]) {
        for (proposal, outcome) in zip(unit, outcomes) {
            if case .appended = outcome { keys.settle(proposal.records.lazy.map(\.header)) }
        }
    }

    /// Appends one proposal that has no reason to be refused.
    func appendOne(_ proposal: Proposal) throws(StoreError) -> AppendOutcome.Appended {
        switch try append([proposal])[0] {
        case .appended(let appended): return appended
        case .duplicate(let of, _): throw .busy("the same was recorded at \(of)")
        case .refused(_, let movedAt): throw .busy("something moved at \(movedAt) meanwhile; try again")
        }
    }

    // MARK: Folding

    /// Brings identity, policy and records to where a read at this moment must see them.
    ///
    /// What none of them folds (receipts, most of all) is not waited for: reads do not make each other fold.
    func catchUp() throws(StoreError) -> LogHead {
        let head = try head()
        do {
            let needed = try needed(head)
            try identity.catchUp(toAtLeast: needed.identity, head: head.position)
            try policy.catchUp(toAtLeast: needed.policy, head: head.position)
            try record.catchUp(toAtLeast: needed.record, head: head.position)
        } catch let error as ProjectionError { throw .projection(error) } catch let error as LogError {
            throw .log(error)
        } catch { throw .io("\(error)") }
        spending.withLock { $0.last = $0.last ?? head.position }
        return head
    }

    /// How far each read model must be folded for a read at this head.
    private func needed(
        _ head: LogHead
    ) throws(LogError) -> (identity: Position, policy: Position, record: Position) {
        let spent = spending.withLock { $0.known }
        let updates = try log.classHead(.sourceUpdate)
        let links = try log.classHead(.identity)
        let facts = max(try log.classHead(.regionFact), try log.classHead(.patientFact))
        let housekeeping = try log.classHead(.housekeeping)
        return (
            max(updates, links, housekeeping), max(facts, links, spent ?? head.position),
            max(updates, housekeeping)
        )
    }

    /// Brings identity up to the head, for linking to look at. The caller holds `intake`.
    func catchUpIdentity() throws(StoreError) -> Position {
        let head = try head().position
        do throws(ProjectionError) { try identity.catchUp(to: head) } catch { throw .projection(error) }
        return head
    }

    func identityReader(at position: Position) -> IdentityReader {
        IdentityReader(identity.view, at: position)
    }
    func policyReader(at position: Position) -> PolicyReader { PolicyReader(policy.view, at: position) }
}
