import LMDB

/// The databases of the record view.
public struct RecordTables: Sendable {
    let environment: Environment
    /// Subject token ‖ ~first position → chapter or tail row. `RecordRowKey`, `RowCodec`.
    let chapters: Database
    /// Subject token (8) ‖ item hash (8) ‖ ~position → a version's place. `ItemIndexKey`, `ItemIndexEntry`.
    let items: Database

    static let databases = 2

    init(_ environment: Environment) throws(LMDBError) {
        self.environment = environment
        chapters = try environment.openDatabase("chapters")
        items = try environment.openDatabase("items")
    }
}
