import CareRecord
import Ciphers
import EventLog
import LMDB
import Wire

/// The databases of the access trail and of quarantine. They hold positions; what happened is read from the log.
public struct TrailTables: Sendable {
    /// position 8 → u8 0: every receipt.
    let receipts: Database
    /// subject or number token 16 ‖ position 8 → u8 0.
    let byPatient: Database
    /// `userKey` ‖ position 8 → u8 0.
    let byUser: Database
    /// position 8 of the quarantined message → position 8 of what closed it, or nothing while it is open.
    let quarantine: Database

    /// position 8 → digest 32 of the assertion that got a token there.
    let signIns: Database

    /// position 8 → u8 0: every alert.
    let alerts: Database
    /// subject or number token 16 ‖ position 8 → u8 0.
    let alertsByPatient: Database

    init(_ environment: Environment) throws(LMDBError) {
        receipts = try environment.openDatabase("receipts")
        byPatient = try environment.openDatabase("patients")
        byUser = try environment.openDatabase("users")
        signIns = try environment.openDatabase("sign-ins")
        alerts = try environment.openDatabase("alerts")
        alertsByPatient = try environment.openDatabase("alert-patients")
        quarantine = try environment.openDatabase("quarantine")
    }

    /// What stands for a user in `byUser`: their id, UTF-8, and NUL; of a longer one than policy has, 0xFF and its SHA-256. A receipt
    /// names whoever asked as they were typed, and a key of LMDB is 511 bytes at most.
    static func userKey(_ user: String) -> [UInt8] {
        let bytes = Array(user.utf8)
        return bytes.count <= Viewer.maximumIDBytes ? bytes + [0] : [0xFF] + SHA256.hash(bytes).bytes
    }
}
