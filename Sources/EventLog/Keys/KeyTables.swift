import Glibc
import LMDB

/// A key store's environment, open, and its databases. FORMAT-body.md tables their entries.
///
/// A process beside the writer's reads it in sections, each under a lock on the file that it has open: an erasure puts another file in
/// that one's place, waits for the sections on the old one to end, and overwrites it. What was read from a file that was replaced
/// meanwhile is not used.
struct KeyTables: Sendable {
    let environment: Environment
    let slots: Database
    let joints: Database
    let meta: Database
    /// Which files it has open; nil for the writer, whose own process replaces them.
    private let files: KeyFiles?

    /// - Parameter durability: `.none` for a file that nobody reads until it was synced.
    init(
        _ directory: String, mapBytes: Int, readOnly: Bool,
        durability: EnvironmentOptions.Durability = .synchronous
    ) throws(LogError) {
        let options = EnvironmentOptions(
            maxMapBytes: mapBytes, maxDatabases: 4, readOnly: readOnly, durability: durability)
        self =
            try readOnly
            ? Self.opened(directory, options) : Self(try Self.open(directory, options), files: nil)
    }

    private init(_ environment: Environment, files: KeyFiles?) throws(LogError) {
        let create = !environment.options.readOnly
        do throws(LMDBError) {
            slots = try environment.openDatabase("slots", create: create)
            joints = try environment.openDatabase("joints", create: create)
            meta = try environment.openDatabase("meta", create: create)
        } catch { throw .lmdb(error) }
        (self.environment, self.files) = (environment, files)
    }

    private static func open(_ directory: String, _ options: EnvironmentOptions) throws(LogError)
        -> Environment
    {
        do throws(LMDBError) { return try Environment(path: directory, options: options) } catch {
            throw .lmdb(error)
        }
    }

    /// Opens a data file and the lock file that goes with it, for reading.
    ///
    /// They are not exchanged between the one's opening and the other's; where this process stood still so long that they were, it finds
    /// out before it looks into either, and begins again.
    private static func opened(_ directory: String, _ options: EnvironmentOptions) throws(LogError)
        -> KeyTables
    {
        while true {
            let pair = try PathLock(directory, .shared)
            defer { withExtendedLifetime(pair) {} }
            let files = try KeyFiles(directory)
            let hold: Int32
            switch files.hold() {
            case .held(let descriptor): hold = descriptor
            case .replaced: continue
            case .failed(let code): throw .system(code: code, operation: "hold \(directory)/data.mdb")
            }
            defer { close(hold) }
            let environment = try open(directory, options)
            let number: UInt64
            do throws(LMDBError) { number = try environment.fileNumber } catch { throw .lmdb(error) }
            if files.areCurrent, number == files.dataFile { return try KeyTables(environment, files: files) }
            environment.close()
        }
    }

    /// Whether the file that is open is still the key store's.
    var isCurrent: Bool { files?.areCurrent ?? true }

    /// Runs `body` in one read transaction, which must be short or ask `isCurrent` at intervals.
    ///
    /// - Returns: nil where the file was replaced, before or meanwhile: to be opened again, and everything read again.
    func section<R, E: LMDBErrorConvertible>(
        _ body: (borrowing ReadTransaction) throws(E) -> R
    ) throws(E) -> R? {
        guard let files else { return try environment.withReadTransaction(body) }
        let hold: Int32
        switch files.hold() {
        case .held(let descriptor): hold = descriptor
        case .replaced: return nil
        case .failed(let code):
            throw E(LMDBError(code: code, operation: "hold \(environment.path)/data.mdb"))
        }
        defer { close(hold) }
        do throws(E) {
            let result = try environment.withReadTransaction(body)
            return files.areCurrent ? result : nil
        } catch {
            if files.areCurrent { throw error }
            return nil
        }
    }

    /// What `section` gives of the file that is there now.
    static func sections<R>(
        of directory: String, _ body: (KeyTables, borrowing ReadTransaction) throws(LogError) -> R
    ) throws(LogError) -> R {
        while true {
            let tables = try KeyTables(directory, mapBytes: 0, readOnly: true)
            defer { tables.environment.close() }
            let result = try tables.section { (t: borrowing ReadTransaction) throws(LogError) in
                try body(tables, t)
            }
            if let result { return result }
        }
    }

    /// Changes whenever the file is replaced: by an erasure, or another master key.
    func version(_ t: borrowing ReadTransaction) throws(LMDBError) -> [UInt8] {
        (try t.copy(meta, KeyStore.MetaKey.check) ?? [])
            + (try t.copy(meta, KeyStore.MetaKey.destroyed) ?? [])
    }

    /// Every entry of a database in key order, as of one transaction.
    ///
    /// - Throws: `stopped` where the file was replaced: `section` then answers that it was.
    func eachBatch(
        of database: Database, in t: borrowing ReadTransaction,
        _ body: (_ entries: [(key: [UInt8], value: [UInt8])]) throws(LogError) -> Void
    ) throws(LogError) {
        var last: [UInt8]?
        while true {
            guard isCurrent else { throw .stopped(reason: "the file of keys was replaced") }
            let entries: [(key: [UInt8], value: [UInt8])]
            do throws(LMDBError) {
                entries = try Environment.entries(of: database, after: last, atMost: Self.batch, t)
            } catch { throw .lmdb(error) }
            guard let newest = entries.last else { return }
            last = newest.key
            try body(entries)
        }
    }

    /// Entries between two looks at whether the file is still the current one: some milliseconds.
    static let batch = 1 << 12

    /// Every entry of a database in key order, in short read transactions: of a file that this process alone replaces.
    func eachBatch(
        of database: Database,
        _ body: (_ entries: [(key: [UInt8], value: [UInt8])]) throws(LogError) -> Void
    ) throws(LogError) { try environment.eachBatch(of: database, body) }
}
