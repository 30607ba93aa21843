import EventLog
import Intake
import Projections
import Wire

/// What became of a message that waits for its answer.
public enum DoorOutcome: Sendable {
    /// It is durable, since now or since before.
    case stored(Position)
    /// It is durable in quarantine, under the id of that position.
    case quarantined(Position, IntakeReject)
}

extension Store {
    /// Takes messages that each wait for an answer, in one unit where that can be.
    ///
    /// - Parameter inputs: of one message each; their tickets differ.
    /// - Returns: by ticket; a message whose turn never came, since the log stopped before it, is not among them.
    /// - Throws: `usage` where no region lists the source; what stopped the log, where nothing was taken.
    public func take(
        source: String, inputs: [IngestInput]
    ) throws(StoreError) -> [Int: DoorOutcome] {
        var told: [Int: DoorOutcome] = [:]
        do throws(StoreError) {
            _ = try ingest(source: source, inputs: inputs) { message, outcome throws(StoreError) in
                told[message.ticket] = try self.outcome(of: message, outcome)
            }
        } catch  where !told.isEmpty { return told }
        return told
    }

    private func outcome(
        of message: PreparedMessage, _ outcome: AppendOutcome
    ) throws(StoreError) -> DoorOutcome {
        switch outcome {
        case .appended(let appended):
            if case .reject(let reject, _) = message.outcome { return .quarantined(appended.first, reject) }
            return .stored(appended.first)
        case .duplicate(let position, _):
            // The same answer as the first time.
            guard case .reject(let reject, _) = message.outcome else { return .stored(position) }
            return .quarantined(position, reject)
        case .refused(_, let moved): throw .busy("identity moved at \(moved) meanwhile; try again")
        }
    }
}
