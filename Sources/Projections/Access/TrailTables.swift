import EventLog
import LMDB
import Wire

/// The databases of the access trail and of quarantine. They hold positions; what happened is read from the log.
public struct TrailTables: Sendable {
    /// position 8 → u8 0: every receipt.
    let receipts: Database
    /// subject or number token 16 ‖ position 8 → u8 0.
    let byPatient: Database
    /// user's id, UTF-8 ‖ NUL ‖ position 8 → u8 0.
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
}
