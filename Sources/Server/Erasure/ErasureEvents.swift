import EventLog
import Projections
import Wire

/// The erasures that a part of the log orders, oldest first, and which of them it says are done.
struct ErasureEvents {
    struct Order {
        var position: Position
        var stream: StreamToken
        var order: ErasureOrder
    }

    struct Erasure {
        var id: [UInt8]
        var orders: [Order] = []
        /// Where the log says that the keys are destroyed.
        var destroyed: Position?
    }

    private(set) var erasures: [Erasure] = []

    var unfinished: [Erasure] { erasures.filter { $0.destroyed == nil && !$0.orders.isEmpty } }

    /// Reads the headers of all records in between, and the bodies of the few that matter.
    init(_ log: EventLog, _ opener: RecordOpener, after start: Position, through head: Position) throws {
        guard head > start else { return }
        var candidates: [StoredRecord] = []
        try log.scan(from: start.next, through: head, checkingParts: false) { (view) throws(LogError) in
            if view.header.recordClass == .housekeeping { candidates.append(view.copied()) }
            return .goOn
        }
        var places: [[UInt8]: Int] = [:]
        func place(_ id: [UInt8]) -> Int {
            if let known = places[id] { return known }
            erasures.append(Erasure(id: id))
            places[id] = erasures.count - 1
            return erasures.count - 1
        }
        for record in candidates {
            let position = record.header.position
            if let order = try opener.erasureOrder(of: record) {
                erasures[place(order.id)].orders.append(
                    Order(position: position, stream: record.header.stream, order: order))
            } else if let end = try opener.keysDestroyed(of: record) {
                erasures[place(end.id)].destroyed = position
            }
        }
    }
}
