import Wire

/// What the log knows of a stream: its key slot and its heads.
struct StreamEntry: Hashable, Sendable {
    var token: StreamToken
    /// The stream's own key slot; none where no record told.
    var slot: KeySlot
    /// The last record that advanced it; `.start` where none did.
    var lastAdvancing: Position
    /// The last record that named it.
    var last: Position
}

/// Streams by token: entries in an array, found through open addressing. Tokens are keyed hashes already, so
/// their bits serve as the hash.
struct StreamTable: Sendable {
    private(set) var entries: [StreamEntry] = []
    /// Entry number + 1; 0 is empty. Never more than half full.
    private var places: [UInt32]

    init() { places = [UInt32](repeating: 0, count: 16) }

    subscript(token: StreamToken) -> StreamEntry? {
        let place = find(token)
        return places[place] == 0 ? nil : entries[Int(places[place]) - 1]
    }

    private func find(_ token: StreamToken) -> Int {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: token.low ^ token.high >> 32) & mask
        while true {
            let number = places[place]
            if number == 0 || entries[Int(number) - 1].token == token { return place }
            place = (place + 1) & mask
        }
    }

    /// Notes a record of a stream. Positions come in ascending order.
    mutating func note(_ token: StreamToken, slot: KeySlot, advances: Bool, at position: Position) {
        let place = find(token)
        if places[place] == 0 {
            entries.append(
                StreamEntry(
                    token: token, slot: slot, lastAdvancing: advances ? position : .start, last: position))
            places[place] = UInt32(entries.count)
            if entries.count * 2 > places.count { grow() }
            return
        }
        let number = Int(places[place]) - 1
        if slot != .none { entries[number].slot = slot }
        if advances { entries[number].lastAdvancing = position }
        entries[number].last = position
    }

    /// Takes in what a later run of records says of a stream.
    mutating func merge(_ later: StreamEntry) {
        if later.lastAdvancing != .start {
            note(later.token, slot: .none, advances: true, at: later.lastAdvancing)
        }
        note(later.token, slot: later.slot, advances: false, at: later.last)
    }

    private mutating func grow() {
        places = [UInt32](repeating: 0, count: places.count * 4)
        for (number, entry) in entries.enumerated() { places[find(entry.token)] = UInt32(number + 1) }
    }

    mutating func removeAll() {
        for entry in entries.reversed() { places[find(entry.token)] = 0 }
        entries.removeAll(keepingCapacity: true)
    }
}
