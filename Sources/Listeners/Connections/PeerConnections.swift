import Synchronization

/// How many connections each address has open, of a limit.
final class PeerConnections: Sendable {
    private let limit: Int
    private let open = Mutex<[String: Int]>([:])

    init(limit: Int) { self.limit = limit }

    /// - Returns: false where that address has no room.
    func enter(_ peer: String) -> Bool {
        open.withLock { open in
            let count = open[peer] ?? 0
            if count >= limit { return false }
            open[peer] = count + 1
            return true
        }
    }

    func leave(_ peer: String) {
        open.withLock { open in
            let left = (open[peer] ?? 1) - 1
            open[peer] = left > 0 ? left : nil
        }
    }
}
