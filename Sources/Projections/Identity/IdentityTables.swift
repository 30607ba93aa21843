import CareRecord
import EventLog
import LMDB
import Wire

/// The databases of the identity read model, and their keys and values. Every key begins with the token it is about, so that all
/// that concerns a subject or a number is one short range; nothing is ever overwritten, so that an as-of read is a range too.
public struct IdentityTables: Sendable {
    /// subject 16 ‖ ~position 8 → `IdentityState`, one for each change.
    let states: Database
    /// number 16 ‖ subject 16 → u64 position where the subject first bore it.
    let numbers: Database
    /// subject 16 ‖ position 8 ‖ other 16 → u8 kind ‖ u8 stands. Each fact stands under both subjects.
    let edges: Database
    /// subject 16 → u64 position of the first source update about it.
    let seen: Database
    /// source's ODS code ‖ NUL ‖ ~position 8 → i64 recorded instant: one for each update.
    let feeds: Database
    /// stream 16 ‖ position 8 of the order → nothing: what was erased, and when. Of subjects, numbers and quarantined messages.
    let erased: Database
    let owners: OwnerTable
    /// keyed hash of what it is about 8 ‖ ~position 8 → i64 when the newest word on it was said: one for each newer word.
    let words: Database
    /// id of a review → u64 position where it was opened; 0 once it is decided. As of the head only.
    let reviews: Database

    /// source's ODS code → `FeedCounts`. As of the head only.
    let counts: Database

    static let maximumReviewIDBytes = 256

    init(_ environment: Environment) throws(LMDBError) {
        states = try environment.openDatabase("states")
        numbers = try environment.openDatabase("numbers")
        edges = try environment.openDatabase("edges")
        seen = try environment.openDatabase("seen")
        feeds = try environment.openDatabase("feeds")
        erased = try environment.openDatabase("erased")
        owners = try OwnerTable(environment)
        words = try environment.openDatabase("words")
        reviews = try environment.openDatabase("reviews")
        counts = try environment.openDatabase("counts")
    }

    // MARK: Reading, as of a position

    /// - Throws: `damaged` where what is stored does not decode.
    func state(
        of subject: StreamToken, upTo position: Position, in txn: borrowing some Transaction & ~Copyable
    ) throws(ProjectionError) -> IdentityState? {
        let prefix = subject.bytes
        let wanted = prefix + descending(position)
        let bytes: [UInt8]?
        do throws(LMDBError) {
            bytes = try txn.withCursor(states) { (cursor: inout Cursor) throws(LMDBError) in
                guard try cursor.seek(wanted), cursor.key.begins(with: prefix) else { return nil }
                return [UInt8](cursor.value)
            }
        } catch { throw ProjectionError(error) }
        guard let bytes else { return nil }
        do throws(WireError) { return try IdentityState(decoding: bytes[...]) } catch {
            throw .damaged(what: "identity state of \(subject): \(error)")
        }
    }

    /// Where what is known of a subject changed: its assertion, or the numbers it bears.
    func changes(
        of subject: StreamToken, upTo position: Position, in txn: borrowing some Transaction & ~Copyable
    ) throws(LMDBError) -> [Position] {
        var out: [Position] = []
        try txn.forEach(states, prefix: subject.bytes) { key, _ in
            let at = Position(~Position(bigEndian: key.dropFirst(16).prefix(8)).value)
            if at <= position { out.append(at) }
        }
        return out
    }

    func everBore(
        _ number: StreamToken, at position: Position, in txn: borrowing some Transaction & ~Copyable
    ) throws(LMDBError) -> [StreamToken] {
        var out: [StreamToken] = []
        try txn.forEach(numbers, prefix: number.bytes) { key, value in
            if Position(bigEndian: value) <= position, let subject = StreamToken(key.dropFirst(16)) {
                out.append(subject)
            }
        }
        return out
    }

    func edges(
        of subject: StreamToken, at position: Position, in txn: borrowing some Transaction & ~Copyable
    ) throws(LMDBError) -> [IdentityEdge] {
        var out: [IdentityEdge] = []
        try txn.forEach(edges, prefix: subject.bytes) { key, value in
            let at = Position(bigEndian: key.dropFirst(16).prefix(8))
            guard at <= position, let other = StreamToken(key.dropFirst(24)), value.count == 2,
                let kind = IdentityEdge.Kind(rawValue: value[value.startIndex])
            else { return }
            out.append(
                IdentityEdge(other: other, kind: kind, stands: value[value.startIndex + 1] == 1, position: at)
            )
        }
        return out
    }

    func firstSeen(
        _ subject: StreamToken, at position: Position, in txn: borrowing some Transaction & ~Copyable
    ) throws(LMDBError) -> Position? {
        guard let value = try txn.copy(seen, subject.bytes) else { return nil }
        let first = Position(bigEndian: value)
        return first <= position ? first : nil
    }

    /// When the source's last update up to the position was recorded.
    func lastUpdate(
        from source: String, at position: Position, in txn: borrowing some Transaction & ~Copyable
    ) throws(LMDBError) -> Instant? {
        let prefix = Array(source.utf8) + [0]
        let wanted = prefix + descending(position)
        return try txn.withCursor(feeds) { (cursor: inout Cursor) throws(LMDBError) in
            guard try cursor.seek(wanted), cursor.key.begins(with: prefix) else { return nil }
            return Instant(bigEndian: cursor.value)
        }
    }

    /// When the newest word on it was said, of those that messages up to the position carry.
    func newestWord(
        about thing: UInt64, at position: Position, in txn: borrowing some Transaction & ~Copyable
    ) throws(LMDBError) -> Instant? {
        let prefix = ascending(Position(thing))
        let wanted = prefix + descending(position)
        return try txn.withCursor(words) { (cursor: inout Cursor) throws(LMDBError) in
            guard try cursor.seek(wanted), cursor.key.begins(with: prefix) else { return nil }
            return Instant(bigEndian: cursor.value)
        }
    }

    /// - Throws: `damaged` where what is stored does not decode.
    func counts(
        of source: [UInt8], in txn: borrowing some Transaction & ~Copyable
    ) throws(ProjectionError) -> FeedCounts {
        let bytes: [UInt8]?
        do throws(LMDBError) { bytes = try txn.copy(counts, source) } catch { throw ProjectionError(error) }
        guard let bytes else { return FeedCounts() }
        do throws(WireError) { return try FeedCounts(decoding: bytes[...]) } catch {
            throw .damaged(what: "the counts of a feed: \(error)")
        }
    }

    // MARK: Writing

    func count(
        _ source: String, in txn: borrowing WriteTransaction, _ change: (inout FeedCounts) -> Void
    ) throws(ProjectionError) {
        let key = Array(source.utf8)
        var counted = try counts(of: key, in: txn)
        change(&counted)
        do throws(LMDBError) { try txn.put(counts, key, counted.encoded) } catch {
            throw ProjectionError(error)
        }
    }

    func note(
        _ word: UpdateFacts.Word, at position: Position, in txn: borrowing WriteTransaction
    ) throws(LMDBError) {
        if let newest = try newestWord(about: word.about, at: position, in: txn), word.said <= newest {
            return
        }
        try txn.put(
            words, ascending(Position(word.about)) + descending(position), word.said.ascending)
    }

    func put(
        _ state: IdentityState, of subject: StreamToken, at position: Position,
        in txn: borrowing WriteTransaction
    ) throws(LMDBError) {
        try txn.put(states, subject.bytes + descending(position), state.encoded)
        for number in state.borne {
            let key = number.token.bytes + subject.bytes
            if try txn.copy(numbers, key) == nil { try txn.put(numbers, key, ascending(position)) }
        }
    }

    func put(
        _ kind: IdentityEdge.Kind, stands: Bool, between a: StreamToken, and b: StreamToken,
        at position: Position,
        in txn: borrowing WriteTransaction
    ) throws(LMDBError) {
        let value: [UInt8] = [kind.rawValue, stands ? 1 : 0]
        try txn.put(edges, a.bytes + ascending(position) + b.bytes, value)
        try txn.put(edges, b.bytes + ascending(position) + a.bytes, value)
    }

    func noteUpdate(
        of subject: StreamToken, from source: String, at position: Position, recordedAt: Instant,
        in txn: borrowing WriteTransaction
    ) throws(LMDBError) {
        if try txn.copy(seen, subject.bytes) == nil { try txn.put(seen, subject.bytes, ascending(position)) }
        let key = Array(source.utf8) + [0] + descending(position)
        try txn.put(feeds, key, recordedAt.ascending)
    }
}

/// Eight bytes, big-endian: keys in the order of positions.
func ascending(_ position: Position) -> [UInt8] {
    var out = ByteWriter(capacity: 8)
    out.u64(position.value)
    return out.bytes
}

/// The complement, big-endian: the newest first, so that as-of is one seek.
func descending(_ position: Position) -> [UInt8] { ascending(Position(~position.value)) }

extension Position {
    init(bigEndian bytes: some Collection<UInt8>) {
        let value = bytes.withContiguousStorageIfAvailable { bytes -> UInt64 in
            if bytes.count < 8 { return bytes.reduce(0) { $0 << 8 | UInt64($1) } }
            return UInt64(bigEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(as: UInt64.self))
        }
        self.init(value ?? bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

extension Instant {
    /// Eight bytes, big-endian.
    fileprivate var ascending: [UInt8] {
        Projections.ascending(Position(UInt64(bitPattern: microseconds)))
    }

    fileprivate init(bigEndian bytes: some Collection<UInt8>) {
        self.init(microseconds: Int64(bitPattern: Position(bigEndian: bytes).value))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func begins(with prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        for i in prefix.indices where self[i] != prefix[i] { return false }
        return true
    }
}

extension Transaction where Self: ~Copyable {
    /// Every entry whose key begins with the prefix, in key order, as copies.
    func forEach(
        _ database: Database, prefix: [UInt8], _ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Void
    ) throws(LMDBError) {
        try withCursor(database) { (cursor: inout Cursor) throws(LMDBError) in
            // LMDB knows no empty key to seek.
            var found = prefix.isEmpty ? try cursor.first() : try cursor.seek(prefix)
            while found, cursor.key.begins(with: prefix) {
                body([UInt8](cursor.key)[...], [UInt8](cursor.value)[...])
                found = try cursor.next()
            }
        }
    }
}
