import Wire

/// A message that was appended, and where.
struct MessageEntry: Hashable, Sendable {
    var key: MessageKey
    var position: Position
}

/// What a look-up of a message key finds.
struct MessageMatch: Hashable, Sendable {
    /// Where the same bytes stand.
    var same: Position?
    /// Where the same id stands with other bytes, the newest of them.
    var otherBytes: Position?

    /// What was found further back is only asked where this found nothing.
    func or(_ older: MessageMatch) -> MessageMatch {
        MessageMatch(same: same ?? older.same, otherBytes: otherBytes ?? older.otherBytes)
    }
}

/// Messages by order and id: entries in an array, found through open addressing, so that all of one id are found
/// in one walk.
struct MessageTable: Sendable {
    private(set) var entries: [MessageEntry] = []
    /// Entry number + 1; 0 is empty. Never more than half full.
    private var places: [UInt32]

    init() { places = [UInt32](repeating: 0, count: 16) }

    @inline(__always)
    private func start(_ key: MessageKey) -> Int {
        Int(truncatingIfNeeded: key.id.low ^ key.id.high >> 32) & (places.count - 1)
    }

    func match(_ key: MessageKey) -> MessageMatch {
        var found = MessageMatch()
        var place = start(key)
        while places[place] != 0 {
            let entry = entries[Int(places[place]) - 1]
            if entry.key.id == key.id, entry.key.order == key.order {
                if entry.key.digest == key.digest {
                    found.same = entry.position
                } else if found.otherBytes.map({ $0 < entry.position }) ?? true {
                    found.otherBytes = entry.position
                }
            }
            place = (place + 1) & (places.count - 1)
        }
        return found
    }

    /// Adds a message that is not there.
    mutating func insert(_ key: MessageKey, at position: Position) {
        entries.append(MessageEntry(key: key, position: position))
        place(key, number: entries.count)
        if entries.count * 2 > places.count { grow() }
    }

    private mutating func place(_ key: MessageKey, number: Int) {
        var place = start(key)
        while places[place] != 0 { place = (place + 1) & (places.count - 1) }
        places[place] = UInt32(number)
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: places.count * 4)
        for (number, entry) in entries.enumerated() { place(entry.key, number: number + 1) }
    }

    mutating func removeAll() {
        if entries.isEmpty { return }
        entries.removeAll(keepingCapacity: true)
        places.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }
}
