import CareRecord
import EventLog
import Projections
import Synchronization
import Wire

/// The region's facts in memory, read from the log as they come: all policy that is not about one patient.
///
/// A region of thousands of users is some megabytes; a decision asks for it as of any position.
final class RegionPolicy: Sendable {
    struct State: Sendable {
        var history = RegionHistory()
        /// Everything up to here was looked at.
        var through = Position.start
        /// Positions of the facts, ascending.
        var positions: [Position] = []
    }

    private let log: EventLog
    private let opener: RecordOpener
    private let state = Mutex(State())

    init(log: EventLog, opener: RecordOpener) { (self.log, self.opener) = (log, opener) }

    /// The facts up to the reader's position, or further.
    func loaded(_ reader: PolicyReader) throws(ProjectionError) -> State {
        try state.withLock { (state) throws(ProjectionError) in
            if state.through >= reader.position { return state }
            for position in try reader.regionFacts(after: state.history.head) {
                let record: StoredRecord
                do throws(LogError) { record = try log.read(at: position) } catch { throw .log(error) }
                let fact = try opener.regionFact(of: record)
                state.history.append(fact, position: position, recordedAt: record.header.recordedAt)
                state.positions.append(position)
            }
            state.through = reader.position
            return state
        }
    }
}

extension RegionPolicy.State {
    /// The last region fact at or before the position: the version of policy that an answer used.
    func version(at position: Position) -> Position {
        var (low, high) = (0, positions.count)
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] <= position { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? .start : positions[low - 1]
    }
}
