import EventLog
import LMDB
import Wire

/// The databases of the policy read model. Facts are only ever added, under the position that made them.
public struct PolicyTables: Sendable {
    /// position 8 → u8 0: the region facts, which the log holds.
    let region: Database
    /// token of number or subject 16 ‖ position 8 → sealed (region's key): i64 recorded instant ‖ the fact's binary form.
    let facts: Database
    /// keyed hash of a fact's own id 16 ‖ position 8 → the token it is kept under: for endings that name no patient.
    let ids: Database

    init(_ environment: Environment) throws(LMDBError) {
        region = try environment.openDatabase("region")
        facts = try environment.openDatabase("facts")
        ids = try environment.openDatabase("ids")
    }
}
