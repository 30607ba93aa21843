import Synchronization
import Wire

/// One append call, waiting for the writer.
struct AppendUnit: Sendable {
    let proposals: [Proposal]
    let records: Int
    let bytes: Int
    /// What the indexes knew of the proposals' messages, all of it up to `checkedThrough`. Empty where none has a
    /// message key.
    let known: [MessageMatch]
    let checkedThrough: Position
    let reply: AppendReply

    /// Whether it is the log's first record, and then whether the log's clock is simulated.
    var creation: (isCreation: Bool, isSimulated: Bool) {
        let facts = proposals[0].records[0].facts
        return (facts.recordClass == .storeCreated, facts.flags.contains(.simulatedClock))
    }

    /// Checks what can be checked before the queue.
    static func measure(_ proposals: [Proposal]) throws(LogError) -> (records: Int, bytes: Int, keys: Bool) {
        var (records, bytes, keys) = (0, 0, false)
        for proposal in proposals {
            if proposal.records.isEmpty { throw .invalid(what: "a proposal without records") }
            if proposal.records.count > LogLimits.proposalRecords {
                throw .tooLarge(
                    what: "records of a proposal", bytes: proposal.records.count,
                    limit: LogLimits.proposalRecords)
            }
            records += proposal.records.count
            for (index, record) in proposal.records.enumerated() {
                bytes += record.byteCount
                let facts = record.facts
                if facts.flags.contains(.simulatedClock), facts.recordClass != .storeCreated {
                    throw .invalid(what: "only the first record says that the clock is simulated")
                }
                if facts.recordClass == .storeCreated,
                    index > 0 || proposals.count > 1 || !proposal.conditions.isEmpty
                {
                    throw .invalid(what: "a store's creation is a unit of its own, without conditions")
                }
                if facts.flags.contains(.hasMessageKey) {
                    keys = true
                    if index > 0 { throw .invalid(what: "a message key past a proposal's first record") }
                }
            }
        }
        if bytes > LogLimits.unitBytes {
            throw .tooLarge(what: "bytes of a unit", bytes: bytes, limit: LogLimits.unitBytes)
        }
        return (records, bytes, keys)
    }
}

/// Where a unit's outcome goes: to a task, or to a thread that waits.
enum AppendReply: Sendable {
    typealias Outcome = Result<[AppendOutcome], LogError>

    case task(UnsafeContinuation<Outcome, Never>)
    case thread(Monitor<Outcome?>)

    func send(_ outcome: Outcome) {
        switch self {
        case .task(let continuation): continuation.resume(returning: outcome)
        case .thread(let cell):
            cell.withLock { $0 = outcome }
            cell.signal()
        }
    }
}
