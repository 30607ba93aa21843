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

    /// The first fact row that opens to something else in the other view.
    ///
    /// Sealing draws a nonce, so two equal views differ in their bytes.
    func firstDifference(
        _ a: borrowing ReadTransaction, _ aTables: PolicyTables, _ b: borrowing ReadTransaction,
        _ bTables: PolicyTables
    ) throws(ProjectionError) -> String? {
        let region: SecretKey
        do throws(LogError) { region = try keys.key(.region) } catch { throw .log(error) }
        return try ViewComparison.firstDifference(a, aTables.facts, b, bTables.facts) {
            (key, x, y) throws(ProjectionError) in
            let name = Array(key)
            do throws(CipherError) {
                return try AESGCM.open(Array(x), key: region, authenticating: name)
                    == AESGCM.open(Array(y), key: region, authenticating: name)
            } catch {
                throw .damaged(
                    what: "facts: the entry at key \(ViewComparison.hex(key)) does not open: \(error)")
            }
        }
    }
}
