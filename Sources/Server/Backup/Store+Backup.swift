import CareRecord
import EventLog
import Foundation
import Wire

/// Backup and restore of a store. Neither needs it to be closed, and a backup needs no key.
extension Store {
    /// Copies a store into a folder, beside whoever has it open: what is new of the log, the keys whole.
    ///
    /// - Throws: `usage` where there is no store; what `Backup.run` throws.
    public static func backUp(
        _ directory: String, to folder: String, progress: (_ copied: Position, _ target: Position) -> Void
    ) throws(StoreError) -> Backup.Report {
        let paths = StorePaths(directory)
        guard FileManager.default.fileExists(atPath: paths.log + "/data.mdb") else {
            throw .usage("there is no store at \(directory)")
        }
        try insistOutside(directory, folder)
        do throws(LogError) {
            let log = try EventLog(LogPaths(store: directory), mode: .readOnly)
            defer { log.close() }
            return try Backup(of: log, keys: paths.keys, to: folder).run(progress: progress)
        } catch .invalid(let what) { throw .usage(what) } catch { throw .log(error) }
    }

    /// The same for a store that this process has open.
    public func backUp(to folder: String) throws(StoreError) -> Backup.Report {
        try Self.insistOutside(paths.directory, folder)
        do throws(LogError) { return try Backup(of: log, keys: keys, to: folder).run() } catch .invalid(
            let what)
        {
            throw .usage(what)
        } catch { throw .log(error) }
    }

    /// What lies in the store goes with the store.
    private static func insistOutside(_ directory: String, _ folder: String) throws(StoreError) {
        let (store, backup) = (realPath(directory), realPath(folder))
        if backup == store || backup.hasPrefix(store + "/") {
            throw .usage("\(folder) is in the store: a backup goes elsewhere, best onto another disk")
        }
    }

    private static func realPath(_ path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path(percentEncoded: false)
            .replacing(/\/+$/, with: "")
    }

    /// Makes a store from a backup, in a folder that is not there yet or is empty.
    ///
    /// - Parameters:
    ///   - ledger: the bytes of a ledger of erasures: what it says was erased is erased before the store is there. It needs the master key.
    /// - Returns: where the store ends, and how many keys the ledger destroyed.
    /// - Throws: `usage` where something is there already, or the ledger is another store's; what `Restore.run` throws.
    public static func restore(
        _ folder: String, to directory: String, ledger: [UInt8]?, masterKey: MasterKeySource?, asker: Asker,
        progress: (_ restored: Position, _ target: Position) -> Void
    ) throws(StoreError) -> (head: LogHead, erased: Int) {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        guard found.isEmpty else { throw .usage("\(directory) is not empty: a restore makes a new store") }
        do {
            let source = masterKey ?? .file(path: StorePaths(directory).masterKey)
            // Before hours of restoring, not after.
            let master = ledger == nil ? nil : try MasterKey.load(source)
            let (head, place) = try Restore(from: folder, to: directory)
                .prepare(master: master, progress: progress)
            guard let ledger else {
                try place.publish()
                return (head, 0)
            }
            let store = try Store(at: place.path, masterKey: source)
            let erased = Result { (try store.apply(ledger: ledger, asker: asker), try store.head()) }
            store.close()
            let (count, end) = try erased.get()
            try place.publish()
            return (end, count)
        } catch {
            switch error {
            case let error as StoreError: throw error
            case LogError.notFound(let what): throw .usage("there is no \(what)")
            case LogError.exists(let what): throw .usage("there is something already: \(what)")
            case let error as LogError: throw .log(error)
            default: throw .io("\(error)")
            }
        }
    }
}
