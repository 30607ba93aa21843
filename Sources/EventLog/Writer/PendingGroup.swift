import Wire

/// What the transaction being built has appended so far: later units' conditions and duplicates must see it before
/// the indexes do.
struct PendingGroup {
    /// The records appended, in order, as their sealed frames.
    private(set) var records: [SealedRecord] = []
    private(set) var messages = MessageTable()
    private var streams = StreamTable()
    private var classes = [Position](repeating: .start, count: 256)
    private var before = Position.start
    /// Records already noted in `streams` and `classes`: only units with conditions ask, so it is done late.
    private var noted = 0

    mutating func begin(after position: Position) {
        records.removeAll(keepingCapacity: true)
        messages.removeAll()
        if noted > 0 {
            streams.removeAll()
            for i in 0..<256 { classes[i] = .start }
        }
        noted = 0
        before = position
    }

    mutating func append(_ record: SealedRecord) { records.append(record) }

    mutating func insert(_ message: MessageKey, at position: Position) {
        messages.insert(message, at: position)
    }

    /// Looks a class up among the first `count` records.
    mutating func classHead(_ recordClass: RecordClass, within count: Int) -> Position {
        note(count)
        return classes[Int(recordClass.rawValue)]
    }

    mutating func lastAdvancing(_ stream: StreamToken, within count: Int) -> Position {
        note(count)
        return streams[stream]?.lastAdvancing ?? .start
    }

    private mutating func note(_ count: Int) {
        while noted < count {
            let facts = records[noted].facts
            noted += 1
            let position = Position(before.value + UInt64(noted))
            classes[Int(facts.recordClass.rawValue)] = position
            if !facts.stream.isNone {
                streams.note(
                    facts.stream, slot: .none, advances: facts.flags.contains(.advancesStream), at: position)
            }
        }
    }
}

extension SealedRecord {
    /// What the indexes need of its header.
    var facts: RecordFacts { framed.withUnsafeBytes { RecordFacts($0) } }
}
