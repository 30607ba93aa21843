import EventLog
import Wire

/// The log as projections read it.
extension EventLog: RecordSource {
    /// The newest position; `.start` where a reader's process cannot tell it, which folds nothing and fails nothing.
    public var headPosition: Position { (try? head.position) ?? .start }

    public func records(
        after: Position, through: Position, maximumBytes: Int, wants: (RecordHeader) -> Bool
    ) throws(LogError) -> RecordBatch {
        var taken: [StoredRecord] = []
        var weight = 0
        // Parts are hashed when they are opened: what is not wanted is not read beyond its header.
        let last = try scan(from: after.next, through: through, checkingParts: false) {
            (view) throws(LogError) -> ScanStep in
            guard wants(view.header) else { return .goOn }
            weight += view.header.recordBytes
            taken.append(view.copied())
            return weight < maximumBytes ? .goOn : .stop
        }
        return RecordBatch(records: taken, through: last)
    }

    public func show(
        _ positions: some Sequence<Position>, _ body: (RecordHeader, RawSpan) -> Bool
    ) throws(LogError) {
        try show(positions) { (view) throws(LogError) -> ScanStep in
            view.withPartA { body(view.header, RawSpan(_unsafeBytes: $0)) } ? .goOn : .stop
        }
    }

    public func waitForHead(past position: Position, milliseconds: Int) -> Position {
        (try? wait(past: position, timeoutMicroseconds: milliseconds * 1000).position) ?? position
    }
}
