import EventLog
import Wire

/// One subject's events of a batch or run, opened one after the other.
struct SubjectEvents {
    /// Bytes that they may open to, unless there is but one.
    static let maximumBytes = 64 << 20

    let token: StreamToken
    private(set) var events: [DecodedEvent] = []

    private let keys: RecordKeys
    private let salt: StreamToken
    private let count: Int
    private let limit: Int
    private var weight = 0
    private var room: [UInt8] = []

    /// - Parameter count: how many records are to be added.
    init(_ token: StreamToken, keys: RecordKeys, count: Int, limit: Int = maximumBytes) {
        (self.token, self.keys, self.count, self.limit) = (token, keys, count, limit)
        salt = keys.itemSalt(token)
        events.reserveCapacity(count)
    }

    /// - Throws: `batchTooHeavy` where they open to more than the limit, unless there is but one.
    mutating func add(_ header: RecordHeader, sealed: RawSpan) throws(ProjectionError) {
        // A subject that was erased leaves its events unreadable: there is nothing to fold.
        guard let body = try keys.body(of: header, sealed: sealed) else { return }
        weight += body.payload.count
        BackgroundWork.giveWay(8 * body.payload.count)
        guard weight <= limit || count == 1 else { throw .batchTooHeavy }
        do throws(WireError) {
            events.append(try DecodedEvent(header, body, salt: salt, room: &room))
        } catch { throw .record(header.position, what: "\(error)") }
        weight += events[events.count - 1].bytes.count
    }
}
