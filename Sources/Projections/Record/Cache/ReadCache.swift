import Synchronization

/// What reads worked out, kept in memory within a bound and shared by all readers of a store: a person whose record is opened is opened
/// again soon.
///
/// A key says what a value was made of, so that nothing kept can be out of date: what changes has another key. Nothing outlives an erasure,
/// which empties it. Where room is needed, a hand goes round and takes what no read asked for since it last came by.
public final class ReadCache<Key: Hashable & Sendable, Value: CachedValue>: Sendable {
    /// Of the limit, one part in so many is what a value may take: a record beyond all measure does not drive everybody else's out.
    static var largestShare: Int { 8 }

    fileprivate struct Entry {
        var key: Key
        var value: Value
        /// A read asked for it since the hand came by.
        var isUsed = false
    }

    fileprivate struct State {
        var places: [Key: Int] = [:]
        var entries: ContiguousArray<Entry?> = []
        var free: [Int] = []
        var hand = 0
        var bytes = 0
        var generation = 0
        var hits = 0
        var misses = 0
    }

    /// Bytes held at most. 0: nothing is kept.
    let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = max(0, limit) }

    var figures: ReadCaches.Figures {
        state.withLock {
            ReadCaches.Figures(
                entries: $0.places.count, bytes: $0.bytes, hits: $0.hits, misses: $0.misses)
        }
    }

    /// Empties it: what is being worked out now is not kept either.
    func removeAll() {
        // Let go of outside of the lock.
        let gone = state.withLock { state -> State in
            let gone = state
            state = State()
            state.generation = gone.generation + 1
            (state.hits, state.misses) = (gone.hits, gone.misses)
            return gone
        }
        withExtendedLifetime(gone) {}
    }

    /// To be asked for before any key of the store is, and handed back with what is to be kept.
    var generation: Int { state.withLock { $0.generation } }

    func value(_ key: Key) -> Value? {
        state.withLock { state in
            guard let place = state.places[key] else {
                state.misses += 1
                return nil
            }
            state.hits += 1
            state.entries[place]?.isUsed = true
            return state.entries[place]?.value
        }
    }

    /// Keeps a value; in place of the one of that key.
    ///
    /// - Parameter generation: from before the store's keys were asked for. What an erasure may have made unreadable meanwhile is not kept.
    func keep(_ value: Value, _ key: Key, _ generation: Int) {
        let needed = value.byteCount
        guard needed <= limit / Self.largestShare else { return }
        var gone: [Value] = []
        state.withLock { state in
            guard state.generation == generation else { return }
            if let place = state.places[key] { gone.append(state.remove(place)) }
            while state.bytes + needed > limit { gone.append(state.remove(state.next())) }
            state.insert(Entry(key: key, value: value), bytes: needed)
        }
        withExtendedLifetime(gone) {}
    }
}

/// A value that knows what it takes of a cache, bytes, with what the cache needs to find it.
public protocol CachedValue: Sendable {
    var byteCount: Int { get }
}

extension ReadCache.State {
    /// The entry that goes next. There is one: only what is held takes room.
    fileprivate mutating func next() -> Int {
        while true {
            let place = hand
            hand = hand + 1 < entries.count ? hand + 1 : 0
            guard entries[place] != nil else { continue }
            if entries[place]?.isUsed == false { return place }
            entries[place]?.isUsed = false
        }
    }

    fileprivate mutating func remove(_ place: Int) -> Value {
        guard let entry = entries[place] else { preconditionFailure("a place that holds nothing") }
        entries[place] = nil
        places[entry.key] = nil
        free.append(place)
        bytes -= entry.value.byteCount
        return entry.value
    }

    fileprivate mutating func insert(_ entry: ReadCache.Entry, bytes added: Int) {
        bytes += added
        if let place = free.popLast() {
            entries[place] = entry
            places[entry.key] = place
        } else {
            places[entry.key] = entries.count
            entries.append(entry)
        }
    }
}
