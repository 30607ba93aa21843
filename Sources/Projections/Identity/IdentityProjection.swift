import CareRecord
import EventLog
import LMDB
import Wire

/// Folds source updates and identity facts into who bears which number and who is linked with whom; orders to erase; and how
/// much each source sent.
public struct IdentityProjection: Projection {
    public let name = "identity"
    public let version = 5
    let opener: RecordOpener

    public init(opener: RecordOpener) { self.opener = opener }

    /// One record, opened: only what the region's key protects, so that it folds after an erasure too.
    public enum Step: Sendable {
        case update(UpdateFacts, RecordHeader)
        case fact(PatientFactKind, id: String?, [StreamToken], Position)
        case erased(StreamToken, Position)
        case quarantined(source: String, recordedAt: Instant)
    }

    public func openTables(in environment: Environment) throws(ProjectionError) -> IdentityTables {
        do throws(LMDBError) { return try IdentityTables(environment) } catch { throw ProjectionError(error) }
    }

    public func wants(_ header: RecordHeader) -> Bool {
        header.recordClass == .sourceUpdate || header.recordClass == .identity || header.ordersErasure
            || header.recordClass == .quarantined
    }

    public func prepare(_ batch: inout RecordBatch) throws(ProjectionError) -> [Step] {
        var steps: [Step] = []
        steps.reserveCapacity(batch.records.count)
        for record in batch.records {
            if record.header.ordersErasure {
                steps.append(.erased(record.header.stream, record.header.position))
            } else if record.header.recordClass == .sourceUpdate {
                steps.append(.update(try opener.updateFacts(of: record), record.header))
            } else if record.header.recordClass == .quarantined {
                guard let source = try opener.quarantinedSource(of: record) else { continue }
                steps.append(.quarantined(source: source, recordedAt: record.header.recordedAt))
            } else {
                let fact = try opener.patientFact(of: record)
                steps.append(
                    .fact(fact.fact.kind, id: fact.fact.id, fact.tokens, record.header.position))
            }
        }
        return steps
    }

    public func fold(
        _ prepared: [Step], into tables: IdentityTables, _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        for step in prepared {
            switch step {
            case .update(let facts, let header): try fold(facts, header, into: tables, transaction)
            case .fact(let kind, let id, let tokens, let position):
                if kind == .reviewOpened || kind == .reviewDecided {
                    try fold(
                        review: id ?? "", isOpened: kind == .reviewOpened, at: position, into: tables,
                        transaction)
                } else {
                    try fold(kind, tokens, at: position, into: tables, transaction)
                }
            case .erased(let stream, let position):
                do throws(LMDBError) {
                    try transaction.put(tables.erased, stream.bytes + ascending(position), [])
                } catch { throw ProjectionError(error) }
            case .quarantined(let source, let recordedAt):
                try tables.count(source, in: transaction) { $0.quarantine(recordedAt: recordedAt) }
            }
        }
    }

    public func comparedDatabases(_ tables: IdentityTables) -> [Database] {
        [tables.states, tables.numbers, tables.edges, tables.seen, tables.feeds] + tables.owners.databases
            + [tables.words, tables.reviews, tables.erased, tables.counts]
    }

    private func fold(
        review id: String, isOpened: Bool, at position: Position, into tables: IdentityTables,
        _ txn: borrowing WriteTransaction
    ) throws(ProjectionError) {
        let key = Array(id.utf8.prefix(IdentityTables.maximumReviewIDBytes))
        if key.isEmpty { throw .record(position, what: "a review without an id") }
        do throws(LMDBError) {
            try txn.put(tables.reviews, key, isOpened ? ascending(position) : ascending(.start))
        } catch { throw ProjectionError(error) }
    }

    private func fold(
        _ facts: UpdateFacts, _ header: RecordHeader, into tables: IdentityTables,
        _ txn: borrowing WriteTransaction
    ) throws(ProjectionError) {
        let position = header.position
        do throws(LMDBError) {
            try tables.noteUpdate(
                of: header.stream, from: facts.source, at: position, recordedAt: header.recordedAt, in: txn)
            try tables.owners.claim(facts.claims, for: header.stream, at: position, in: txn)
            for word in facts.words { try tables.note(word, at: position, in: txn) }
        } catch { throw ProjectionError(error) }
        // The message's first record carries its key: one is counted, however many records it made.
        if header.message != nil {
            try tables.count(facts.source, in: txn) {
                $0.accept(recordedAt: header.recordedAt, asserted: facts.asserted)
            }
        }
        guard facts.asserts else { return }
        var state = try tables.state(of: header.stream, upTo: position, in: txn) ?? IdentityState()
        let asserted = min(facts.asserted ?? header.recordedAt, header.recordedAt)
        let numbers = facts.numbers.map {
            IdentityState.Number(token: StreamToken(high: $0.high, low: $0.low), verified: $0.verified)
        }
        guard state.assert(numbers, asserted: asserted, at: position) else { return }
        do throws(LMDBError) {
            try tables.put(state, of: header.stream, at: position, in: txn)
        } catch { throw ProjectionError(error) }
    }

    private func fold(
        _ kind: PatientFactKind, _ tokens: [StreamToken], at position: Position, into tables: IdentityTables,
        _ txn: borrowing WriteTransaction
    ) throws(ProjectionError) {
        let edge: (kind: IdentityEdge.Kind, stands: Bool)
        switch kind {
        case .linked: edge = (.link, true)
        case .unlinked: edge = (.link, false)
        case .merged: edge = (.merge, true)
        case .mergeReversed: edge = (.merge, false)
        case .nhsNumberReplaced:
            guard tokens.count == 3 else {
                throw .record(position, what: "a replaced number without three tokens")
            }
            var state = try tables.state(of: tokens[0], upTo: position, in: txn) ?? IdentityState()
            state.replace(tokens[1], by: tokens[2])
            do throws(LMDBError) {
                try tables.put(state, of: tokens[0], at: position, in: txn)
            } catch { throw ProjectionError(error) }
            return
        default: return
        }
        guard tokens.count == 2 else { throw .record(position, what: "a link without two tokens") }
        do throws(LMDBError) {
            try tables.put(
                edge.kind, stands: edge.stands, between: tokens[0], and: tokens[1], at: position, in: txn)
        } catch { throw ProjectionError(error) }
    }
}
