import CareRecord
import EventLog
import LMDB
import Wire

/// Folds what sources say of people into an index by family name and birth date. An erasure takes the subject out of it.
public struct PeopleProjection: Projection {
    public let name = "people"
    public let version = 1
    let opener: RecordOpener
    let keys: KeyStore

    public init(opener: RecordOpener, keys: KeyStore) { (self.opener, self.keys) = (opener, keys) }

    /// One record, opened.
    public enum Step: Sendable {
        case named(StreamToken, as: StreamToken)
        case erased(StreamToken)
    }

    public func openTables(in environment: Environment) throws(ProjectionError) -> PeopleTables {
        do throws(LMDBError) { return try PeopleTables(environment) } catch { throw ProjectionError(error) }
    }

    public func wants(_ header: RecordHeader) -> Bool {
        header.recordClass == .sourceUpdate || header.ordersErasure
    }

    public func prepare(_ batch: inout RecordBatch) throws(ProjectionError) -> [Step] {
        var steps: [Step] = []
        for record in batch.records {
            if record.header.ordersErasure {
                steps.append(.erased(record.header.stream))
                continue
            }
            let facts = try opener.updateFacts(of: record)
            guard facts.asserts, facts.isAboutPatient else { continue }
            // Erased since: the order that follows would take it out again.
            guard let person = try assertion(of: record),
                let key = PersonKey.token(family: person.family, birthDate: person.birthDate, keys)
            else { continue }
            steps.append(.named(record.header.stream, as: key))
        }
        return steps
    }

    private func assertion(of record: StoredRecord) throws(ProjectionError) -> PatientAssertion? {
        do throws(ProjectionError) { return try opener.messageMeta(of: record).patient } catch .keyDestroyed {
            return nil
        }
    }

    public func fold(
        _ prepared: [Step], into tables: PeopleTables, _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        do throws(LMDBError) {
            for step in prepared {
                switch step {
                case .named(let subject, let key):
                    try transaction.put(tables.people, key.bytes + subject.bytes, [0])
                    try transaction.put(tables.subjects, subject.bytes + key.bytes, [0])
                case .erased(let subject):
                    var found: [[UInt8]] = []
                    try transaction.forEach(tables.subjects, prefix: subject.bytes) { key, _ in
                        found.append(Array(key.dropFirst(16)))
                    }
                    for key in found {
                        try transaction.delete(tables.people, key + subject.bytes)
                        try transaction.delete(tables.subjects, subject.bytes + key)
                    }
                }
            }
        } catch { throw ProjectionError(error) }
    }

    public func comparedDatabases(_ tables: PeopleTables) -> [Database] { [tables.people, tables.subjects] }
}
