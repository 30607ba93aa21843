import CareRecord
import Ciphers
import EventLog
import LMDB
import Wire

/// Facts name workgroups, relatives and reasons: in the view they stand sealed under the region's key, bound to their row's key.
extension PolicyProjection {
    func seal(_ bytes: [UInt8], name: [UInt8]) throws(ProjectionError) -> [UInt8] {
        let region: SecretKey
        do throws(LogError) { region = try keys.key(.region) } catch { throw .log(error) }
        do throws(CipherError) {
            return try AESGCM.seal(bytes, key: region, authenticating: name)
        } catch { throw .cipher(error) }
    }

    /// Every fact row, opened.
    func opened(
        _ txn: borrowing ReadTransaction, _ tables: PolicyTables
    ) throws(ProjectionError) -> [[UInt8]: [UInt8]] {
        let region: SecretKey
        do throws(LogError) { region = try keys.key(.region) } catch { throw .log(error) }
        var out: [[UInt8]: [UInt8]] = [:]
        var failure: CipherError?
        do throws(LMDBError) {
            try txn.forEach(tables.facts, prefix: []) { key, value in
                do throws(CipherError) {
                    out[Array(key)] = try AESGCM.open(Array(value), key: region, authenticating: Array(key))
                } catch { failure = error }
            }
        } catch { throw ProjectionError(error) }
        if let failure { throw .cipher(failure) }
        return out
    }
}
