import CareRecord
import Ciphers
import EventLog
import LMDB
import Wire

/// Folds policy: where the region's facts stand, and each patient's facts under the number or subject they name.
public struct PolicyProjection: Projection {
    public let name = "policy"
    public let version = 1
    let opener: RecordOpener
    let keys: KeyStore

    public init(opener: RecordOpener, keys: KeyStore) { (self.opener, self.keys) = (opener, keys) }

    /// One record, opened.
    public enum Step: Sendable {
        case region(Position)
        case fact(PatientFact, under: StreamToken, recordedAt: Instant, at: Position)
        case spent([Receipt.Spent], recordedAt: Instant, at: Position)
    }

    public func openTables(in environment: Environment) throws(ProjectionError) -> PolicyTables {
        do throws(LMDBError) { return try PolicyTables(environment) } catch { throw ProjectionError(error) }
    }

    public func wants(_ header: RecordHeader) -> Bool {
        switch header.recordClass {
        case .regionFact, .patientFact, .identity: true
        case .receipt: header.flags.contains(.advancesStream)
        default: false
        }
    }

    public func prepare(_ batch: inout RecordBatch) throws(ProjectionError) -> [Step] {
        var steps: [Step] = []
        steps.reserveCapacity(batch.records.count)
        for record in batch.records {
            let position = record.header.position
            switch record.header.recordClass {
            case .regionFact: steps.append(.region(position))
            case .receipt:
                let receipt = try opener.receipt(of: record)
                steps.append(.spent(receipt.spends, recordedAt: record.header.recordedAt, at: position))
            default:
                let fact = try opener.patientFact(of: record)
                guard record.header.recordClass == .patientFact || fact.fact.kind == .deceased,
                    let under = fact.tokens.first
                else { continue }
                steps.append(
                    .fact(fact.fact, under: under, recordedAt: record.header.recordedAt, at: position))
            }
        }
        return steps
    }

    public func fold(
        _ prepared: [Step], into tables: PolicyTables, _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        for step in prepared {
            switch step {
            case .region(let position):
                do throws(LMDBError) {
                    try transaction.put(tables.region, ascending(position), [0])
                } catch { throw ProjectionError(error) }
            case .fact(let fact, let under, let recordedAt, let position):
                try put(fact, under: under, recordedAt: recordedAt, at: position, into: tables, transaction)
                guard let id = fact.id else { continue }
                let key =
                    keys.token(.view, FactIDs.canonicalBytes(fact.kind, id: id)).bytes + ascending(position)
                do throws(LMDBError) {
                    try transaction.put(tables.ids, key, under.bytes)
                } catch { throw ProjectionError(error) }
            case .spent(let spends, let recordedAt, let position):
                for spent in spends {
                    var fact = PatientFact(.permissionSpent)
                    fact.spends = spent.permission
                    try put(
                        fact, under: spent.under, recordedAt: recordedAt, at: position, into: tables,
                        transaction)
                }
            }
        }
    }

    private func put(
        _ fact: PatientFact, under token: StreamToken, recordedAt: Instant, at position: Position,
        into tables: PolicyTables, _ txn: borrowing WriteTransaction
    ) throws(ProjectionError) {
        var out = ByteWriter(capacity: 64)
        out.i64(recordedAt.microseconds)
        out.raw(fact.encoded)
        let key = token.bytes + ascending(position)
        let sealed = try seal(out.bytes, name: key)
        do throws(LMDBError) { try txn.put(tables.facts, key, sealed) } catch { throw ProjectionError(error) }
    }

    public func comparedDatabases(_ tables: PolicyTables) -> [Database] { [tables.region, tables.ids] }

    public func difference(
        _ a: borrowing ReadTransaction, _ aTables: PolicyTables, _ b: borrowing ReadTransaction,
        _ bTables: PolicyTables
    ) throws(ProjectionError) -> String? {
        if let found = try ViewComparison.firstDifference(a, aTables.region, b, bTables.region) {
            return found
        }
        if let found = try ViewComparison.firstDifference(a, aTables.ids, b, bTables.ids) { return found }
        return try firstDifference(a, aTables, b, bTables)
    }
}

/// A fact's own id as a key: of its kind's first sense, so that an ending finds what it ends.
enum FactIDs {
    static func canonicalBytes(_ kind: PatientFactKind, id: String) -> [UInt8] {
        Array("fact\u{0}\((kind.refersTo ?? kind).rawValue)\u{0}\(id)".utf8)
    }
}
