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
    /// Where the same id stands with other bytes, the newest of them; where `same` is found it may not be told. Of those that only the
    /// disk knows it is the newest of `IndexEnvironment.sameIDLooks`.
    var otherBytes: Position?

    /// What was found further back is only asked where this found nothing.
    func or(_ older: MessageMatch) -> MessageMatch {
        MessageMatch(same: same ?? older.same, otherBytes: otherBytes ?? older.otherBytes)
    }
}

/// Messages by order, id and digest: entries in an array, found through open addressing. A second table leads to the newest of an id: a
/// source may send all it has under one.
struct MessageTable: Sendable {
    private(set) var entries: [MessageEntry] = []
    /// By order, id and digest: entry number + 1; 0 is empty. Never more than half full.
    private var places: [UInt32]
    /// By order and id: the number of the newest entry + 1.
    private var newest: [UInt32]

    init() {
        places = [UInt32](repeating: 0, count: 16)
        newest = places
    }

    /// The first place from where the key is looked for that is its own or empty.
    @inline(__always)
    private func place(_ key: MessageKey) -> Int {
        let start = key.id.low ^ key.id.high >> 32 ^ key.digest.low
        var place = Int(truncatingIfNeeded: start) & (places.count - 1)
        while places[place] != 0, entries[Int(places[place]) - 1].key != key {
            place = (place + 1) & (places.count - 1)
        }
        return place
    }

    /// The same of its order and id.
    @inline(__always)
    private func newestPlace(_ key: MessageKey) -> Int {
        var place = Int(truncatingIfNeeded: key.id.low ^ key.id.high >> 32) & (newest.count - 1)
        while newest[place] != 0 {
            let found = entries[Int(newest[place]) - 1].key
            if found.id == key.id, found.order == key.order { break }
            place = (place + 1) & (newest.count - 1)
        }
        return place
    }

    func match(_ key: MessageKey) -> MessageMatch {
        let number = newest[newestPlace(key)]
        if number == 0 { return MessageMatch() }
        var found = MessageMatch()
        let same = places[place(key)]
        if same != 0 { found.same = entries[Int(same) - 1].position }
        if number != same { found.otherBytes = entries[Int(number) - 1].position }
        return found
    }

    /// Adds a message that is not there, newer than all that are.
    mutating func insert(_ key: MessageKey, at position: Position) {
        entries.append(MessageEntry(key: key, position: position))
        enter(key, number: entries.count)
        if entries.count * 2 > places.count { grow() }
    }

    private mutating func enter(_ key: MessageKey, number: Int) {
        places[place(key)] = UInt32(number)
        newest[newestPlace(key)] = UInt32(number)
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: places.count * 4)
        newest = places
        for (number, entry) in entries.enumerated() { enter(entry.key, number: number + 1) }
    }

    mutating func removeAll() {
        if entries.isEmpty { return }
        entries.removeAll(keepingCapacity: true)
        places.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        newest.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }
}
