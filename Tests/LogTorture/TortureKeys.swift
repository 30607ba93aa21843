import EventLog
import Foundation

/// The key store beside the log that the torture writes: STORE/keys, its master key in STORE.key.
enum TortureKeys {
    /// Opens it, and makes it where there is none.
    static func open(_ store: String) throws -> KeyStore {
        let (folder, file) = (store + "/keys", store + ".key")
        if FileManager.default.fileExists(atPath: file) {
            return try KeyStore(at: folder, master: try MasterKey.load(.file(path: file)), mapBytes: 1 << 28)
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try KeyStore.create(at: folder, master: try MasterKey.create(file: file), mapBytes: 1 << 28)
    }
}
