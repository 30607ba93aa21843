import EventLog
import LMDB
import Wire

/// Folds receipts into who looked at whom, and keeps which quarantined messages are still open.
public struct TrailProjection: Projection {
    public let name = "trail"
    public let version = 4
    let opener: RecordOpener

    public init(opener: RecordOpener) { self.opener = opener }

    /// One record, opened.
    public enum Step: Sendable {
        case receipt(Receipt, Position)
        case alert(Position, about: [StreamToken])
        case quarantined(Position)
        case closed(Position, by: Position)
    }

    public func openTables(in environment: Environment) throws(ProjectionError) -> TrailTables {
        do throws(LMDBError) { return try TrailTables(environment) } catch { throw ProjectionError(error) }
    }

    public func wants(_ header: RecordHeader) -> Bool {
        switch header.recordClass {
        case .receipt, .alert, .quarantined, .housekeeping: true
        default: false
        }
    }

    public func prepare(_ batch: inout RecordBatch) throws(ProjectionError) -> [Step] {
        var steps: [Step] = []
        steps.reserveCapacity(batch.records.count)
        for record in batch.records {
            let position = record.header.position
            switch record.header.recordClass {
            case .receipt: steps.append(.receipt(try opener.receipt(of: record), position))
            case .alert: steps.append(.alert(position, about: try opener.alert(of: record).subjects))
            case .quarantined: steps.append(.quarantined(position))
            default:
                if let closed = try opener.closedQuarantine(of: record) {
                    steps.append(.closed(closed, by: position))
                }
            }
        }
        return steps
    }

    public func fold(
        _ prepared: [Step], into tables: TrailTables, _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        do throws(LMDBError) {
            for step in prepared {
                switch step {
                case .receipt(let receipt, let position):
                    let at = ascending(position)
                    try transaction.put(tables.receipts, at, [0])
                    for subject in receipt.subjects {
                        try transaction.put(tables.byPatient, subject.bytes + at, [0])
                    }
                    if receipt.question == .signIn, receipt.permitted {
                        try transaction.put(tables.signIns, at, receipt.body.bytes)
                    }
                    let users = [receipt.viewer?.user, receipt.operatorUser].compactMap { $0 }
                    for user in Set(users) {
                        try transaction.put(tables.byUser, TrailTables.userKey(user) + at, [0])
                    }
                case .alert(let position, let subjects):
                    let at = ascending(position)
                    try transaction.put(tables.alerts, at, [0])
                    for subject in subjects {
                        try transaction.put(tables.alertsByPatient, subject.bytes + at, [0])
                    }
                case .quarantined(let position):
                    try transaction.put(tables.quarantine, ascending(position), [])
                case .closed(let position, let by):
                    try transaction.put(tables.quarantine, ascending(position), ascending(by))
                }
            }
        } catch { throw ProjectionError(error) }
    }

    public func comparedDatabases(_ tables: TrailTables) -> [Database] {
        [
            tables.receipts, tables.byPatient, tables.byUser, tables.alerts, tables.alertsByPatient,
            tables.quarantine, tables.signIns,
        ]
    }
}
