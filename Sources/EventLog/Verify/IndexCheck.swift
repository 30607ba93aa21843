import LMDB
import Wire

/// Compares the index environment with what the log says it must hold. The index may have moved on meanwhile: an entry
/// past the position that the facts reach must name a record that is there and is of its stream or class.
struct IndexCheck {
    let index: IndexEnvironment
    let facts: IndexFacts
    let storage: LogEnvironment
    private(set) var problems: [VerifyReport.Problem] = []

    init(_ index: IndexEnvironment, _ facts: IndexFacts, _ storage: LogEnvironment) {
        (self.index, self.facts, self.storage) = (index, facts, storage)
    }

    mutating func run() throws(LogError) {
        try checkMessages()
        if facts.hasAllStreams { try checkStreams() }
        for (number, head) in try index.classHeads().enumerated() where head != facts.classes[number] {
            if head > facts.through, Self.isSaid(storage, head, { $0.recordClass.rawValue == number }) {
                continue
            }
            note("the index has the head of class \(number) at \(head), the log at \(facts.classes[number])")
        }
        let reach = try index.reach()
        try checkReach(reach)
        if reach.position > facts.through ? reach.maxSlot < facts.maxSlot : reach.maxSlot != facts.maxSlot {
            note(
                "the index knows key slots through \(reach.maxSlot), and the log names them through \(facts.maxSlot)"
            )
        }
    }

    /// A reach that is not of this log costs a reader nothing but time, as it has the index built anew; it is damage all the same.
    private mutating func checkReach(_ reach: IndexEnvironment.Reach) throws(LogError) {
        if reach.position == .start {
            if try index.isEmpty() { return }
            return note("the index does not say how far it reaches")
        }
        let header = try? storage.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) in try storage.header(at: reach.position, in: t)
        }
        if header?.recordedAt != reach.recordedAt {
            note(
                "the index says it reaches \(reach.position), recorded \(reach.recordedAt), which is not so in the log"
            )
        }
    }

    /// Whether the record at a position is what an index entry says of it.
    private static func isSaid(
        _ storage: LogEnvironment, _ position: Position, _ isRight: (RecordHeader) -> Bool
    ) -> Bool {
        let header = try? storage.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) in try storage.header(at: position, in: t)
        }
        return header.map(isRight) ?? false
    }

    private mutating func note(_ what: String) {
        if problems.count < VerifyReport.problemsKept { problems.append(.init(position: .start, what: what)) }
    }

    private mutating func checkMessages() throws(LogError) {
        var sum = MessageSum()
        let found = try walk(index.messages) { [facts] key, value, problems in
            guard key.count == MessageKey.byteCount, value.count == 8 else {
                problems.append("an index entry of a message is of another size")
                return
            }
            let (message, position) = (MessageKey(key, 0), Position(value.big(0, as: UInt64.self)))
            if position <= facts.through {
                sum.add(message, position)
            } else if !Self.isSaid(storage, position, { $0.message == message }) {
                problems.append(Self.misplaced(message, position))
            }
        }
        for what in found { note(what) }
        if sum != facts.messages, try !nameMessages() {
            note("the index holds \(sum.count) messages that are not the log's \(facts.messages.count)")
        }
    }

    private static func misplaced(_ message: MessageKey, _ position: Position) -> String {
        "the index says that message \(message.id) stands at \(position), where the log has another record or none"
    }

    /// Which entries the log does not have. Only where some differ: each takes a look at the log.
    ///
    /// - Returns: whether there is any; else the log has some that the index lacks.
    private mutating func nameMessages() throws(LogError) -> Bool {
        let found = try walk(index.messages) { [facts, storage] key, value, problems in
            guard problems.count < VerifyReport.problemsKept, key.count == MessageKey.byteCount,
                value.count == 8
            else { return }
            let (message, position) = (MessageKey(key, 0), Position(value.big(0, as: UInt64.self)))
            if position > facts.through || Self.isSaid(storage, position, { $0.message == message }) {
                return
            }
            problems.append(Self.misplaced(message, position))
        }
        for what in found { note(what) }
        return !found.isEmpty
    }

    private mutating func checkStreams() throws(LogError) {
        var matched = 0
        let found = try walk(index.streams) { [facts, storage] key, value, problems in
            guard key.count == StreamToken.byteCount, value.count == 24 else {
                problems.append("an index entry of a stream is of another size")
                return
            }
            let token = key.token(0)
            let last = Position(value.big(16, as: UInt64.self))
            let expected = facts.streams[token]
            if expected != nil { matched += 1 }
            if last > facts.through, Self.isSaid(storage, last, { $0.stream == token }) { return }
            let found = StreamEntry(
                token: token, slot: KeySlot(value.big(0, as: UInt64.self)),
                lastAdvancing: Position(value.big(8, as: UInt64.self)), last: last)
            if found != expected {
                problems.append("the index entry of stream \(token) is not what the log says")
            }
        }
        for what in found { note(what) }
        if matched != facts.streams.entries.count {
            note("the index lacks \(facts.streams.entries.count - matched) of the log's streams")
        }
    }

    /// Entries read in one read transaction.
    private static let batch = 65_536
    /// What checking an entry counts for.
    private static let entryBytes = 256

    /// - Returns: what was wrong with entries.
    private func walk(
        _ database: Database,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, inout [String]) -> Void
    ) throws(LogError) -> [String] {
        var from: [UInt8]? = []
        var found: [String] = []
        while let start = from {
            from = try index.environment.withReadTransaction {
                (t: borrowing ReadTransaction) throws(LogError) -> [UInt8]? in
                try t.withCursor(database) { (cursor: inout Cursor) throws(LogError) -> [UInt8]? in
                    var more: Bool
                    do throws(LMDBError) {
                        more = try start.isEmpty ? cursor.first() : cursor.seek(start)
                    } catch { throw LogError(error) }
                    var count = 0
                    while more {
                        if count == Self.batch { return [UInt8](cursor.key) }
                        body(cursor.key, cursor.value, &found)
                        BackgroundWork.giveWay(Self.entryBytes)
                        count += 1
                        more = try cursor.next(LogError.self)
                    }
                    return nil
                }
            }
        }
        return found
    }
}
