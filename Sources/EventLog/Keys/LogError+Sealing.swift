import Ciphers
import LMDB
import Zstd

extension LogError {
    /// Runs a call of a cipher; its failures when sealing are the machine's.
    static func sealing<R>(_ body: () throws(CipherError) -> R) throws(LogError) -> R {
        do { return try body() } catch {
            throw .stopped(reason: "sealing failed: \(error)")
        }
    }

    static func keys<R>(_ body: () throws(LMDBError) -> R) throws(LogError) -> R {
        do { return try body() } catch { throw .lmdb(error) }
    }
}
