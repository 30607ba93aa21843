import Wire

/// What gives positions: today the local writer; later a replicated log whose nodes all check proposals in the same
/// order. Everything that appends goes through here.
public protocol Sequencer: Sendable {
    /// Appends a unit: every proposal is taken, found to be a duplicate, or refused, each by itself, and what is
    /// taken is durable, in one transaction, when this returns.
    ///
    /// - Throws: `LogError.busy` where the queue is at its bound, `full`, `stopped`, `closed`, `readOnly`,
    ///   `invalid`, `tooLarge`. Then nothing of the unit was appended.
    func append(_ unit: [Proposal]) async throws(LogError) -> [AppendOutcome]

    /// The heads past a position, as they are published; slow readers get the newest only.
    func follow(after position: Position) -> AsyncStream<LogHead>
}
