import LMDB

/// The databases that people are found in. They hold keyed hashes: no name, no date.
public struct PeopleTables: Sendable {
    /// `PersonKey` 16 ‖ subject 16 → u8 0: every name and birth date the subject was ever said to have.
    let people: Database
    /// subject 16 ‖ `PersonKey` 16 → u8 0: the same, so that an erasure finds them.
    let subjects: Database

    init(_ environment: Environment) throws(LMDBError) {
        people = try environment.openDatabase("people")
        subjects = try environment.openDatabase("subjects")
    }
}
