import Wire

/// What the indexes must hold of a run of records, up to a position.
struct IndexFacts: Sendable {
    /// Streams kept in memory, at most (about 60 bytes each); past it the streams' index is not compared, and that is said.
    static let maxStreams = 1 << 22

    var mostStreams = maxStreams
    private(set) var through: Position
    var streams = StreamTable()
    var classes = [Position](repeating: .start, count: 256)
    var messages = MessageSum()
    var maxSlot = KeySlot.none
    var hasAllStreams = true

    init(through: Position) { self.through = through }

    /// Reaches further: nothing past `through` may have been passed over yet.
    mutating func extend(through position: Position) { through = max(through, position) }

    mutating func note(_ facts: RecordFacts, at position: Position) {
        if position > through { return }
        classes[Int(facts.recordClass.rawValue)] = position
        maxSlot = max(maxSlot, facts.maxSlot)
        if let message = facts.message { messages.add(message, position) }
        if !facts.stream.isNone {
            streams.note(
                facts.stream, slot: facts.streamSlot, advances: facts.flags.contains(.advancesStream),
                at: position)
        }
    }

    /// Adds what a later run says.
    mutating func add(_ later: IndexFacts) {
        for i in 0..<256 where later.classes[i] != .start { classes[i] = later.classes[i] }
        maxSlot = max(maxSlot, later.maxSlot)
        messages.add(later.messages)
        if !hasAllStreams { return }
        for entry in later.streams.entries { streams.merge(entry) }
        hasAllStreams = streams.entries.count <= mostStreams
    }
}

/// A sum over messages and their positions that does not depend on their order: equal sums, equal sets (but for a
/// chance of 2^-64; a guard against damage, not against malice: the log itself is what proves).
struct MessageSum: Hashable, Sendable {
    private(set) var count: UInt64 = 0
    private(set) var sum: UInt64 = 0

    init() {}
    init(count: UInt64, sum: UInt64) { (self.count, self.sum) = (count, sum) }

    mutating func add(_ key: MessageKey, _ position: Position) {
        count += 1
        var mixed: UInt64 = 0x9E37_79B9_7F4A_7C15
        for word in [
            key.order, key.id.high, key.id.low, key.digest.high, key.digest.low, position.value,
        ] {
            mixed = (mixed ^ word) &* 0xBF58_476D_1CE4_E5B9
            mixed ^= mixed >> 29
        }
        sum &+= mixed
    }

    mutating func add(_ other: MessageSum) {
        count += other.count
        sum &+= other.sum
    }
}
