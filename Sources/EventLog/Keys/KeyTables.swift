import LMDB

/// A key store's environment, open, and its databases. FORMAT-body.md tables their entries.
struct KeyTables: Sendable {
    let environment: Environment
    let slots: Database
    let joints: Database
    let meta: Database
    /// A reader beside the writer: held so that the file it reads is not overwritten under it.
    private let reading: DirectoryLock?

    /// - Parameter durability: `.none` for a file that nobody reads until it was synced.
    init(
        _ directory: String, mapBytes: Int, readOnly: Bool,
        durability: EnvironmentOptions.Durability = .synchronous
    ) throws(LogError) {
        reading = readOnly ? try DirectoryLock(directory, .shared) : nil
        do throws(LMDBError) {
            environment = try Environment(
                path: directory,
                options: EnvironmentOptions(
                    maxMapBytes: mapBytes, maxDatabases: 4, readOnly: readOnly, durability: durability))
            slots = try environment.openDatabase("slots", create: !readOnly)
            joints = try environment.openDatabase("joints", create: !readOnly)
            meta = try environment.openDatabase("meta", create: !readOnly)
        } catch { throw .lmdb(error) }
    }

    /// Changes whenever the file is replaced: by an erasure, or another master key.
    func version() throws(LogError) -> [UInt8] {
        try LogError.keys { () throws(LMDBError) in
            try environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
                (try t.copy(meta, KeyStore.MetaKey.check) ?? [])
                    + (try t.copy(meta, KeyStore.MetaKey.destroyed) ?? [])
            }
        }
    }

    /// Every entry of a database in key order, in short read transactions.
    func eachBatch(
        of database: Database,
        _ body: (_ entries: [(key: [UInt8], value: [UInt8])]) throws(LogError) -> Void
    ) throws(LogError) { try environment.eachBatch(of: database, body) }
}
