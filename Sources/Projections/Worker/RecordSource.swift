import EventLog
import Wire

/// Where projections read from: the log, or a test's list of records.
public protocol RecordSource: Sendable {
    /// The newest position there is.
    var headPosition: Position { get }

    /// The records after `after`, through `through`, that `wants` takes, until they weigh `maximumBytes`.
    ///
    /// - Returns: also how far it looked: the last position taken, or `through` where nothing was left.
    func records(
        after: Position, through: Position, maximumBytes: Int, wants: (RecordHeader) -> Bool
    ) throws(LogError) -> RecordBatch

    /// Shows header and sealed part A of the records at some positions, where they lie, until `body` answers false. Parts are hashed
    /// when they are opened.
    func show(
        _ positions: some Sequence<Position>, _ body: (RecordHeader, RawSpan) -> Bool
    ) throws(LogError)

    /// - Throws: `LogError.notFound` past the head.
    func header(at position: Position) throws(LogError) -> RecordHeader

    /// Waits on this thread until the head is past `position`, or the time is over.
    ///
    /// - Returns: the head.
    func waitForHead(past position: Position, milliseconds: Int) -> Position
}
