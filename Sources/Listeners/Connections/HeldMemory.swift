import Synchronization

/// What all connections of a listener hold together: of MLLP frames half sent and frames read ahead; of HTTP bodies on their way in, and
/// answers that are not taken.
///
/// Past its bound somebody has to go: the address that holds most, and of its connections the one that holds most. So a few that send
/// halves of large messages keep nobody else from sending.
final class HeldMemory: Sendable {
    private struct Holder: Sendable {
        var peer: String
        var bytes = 0
        var close: @Sendable () -> Void
    }

    private struct State {
        var holders: [Int: Holder] = [:]
        var peers: [String: Int] = [:]
        var total = 0
        var next = 0

        mutating func change(_ id: Int, by count: Int) {
            guard let peer = holders[id]?.peer else { return }
            holders[id]?.bytes += count
            total += count
            let left = (peers[peer] ?? 0) + count
            peers[peer] = left > 0 ? left : nil
        }

        /// Whoever has to go, without what they held.
        mutating func largest() -> (id: Int, close: @Sendable () -> Void)? {
            guard let peer = peers.max(by: { $0.value < $1.value })?.key,
                let (id, holder) = holders.filter({ $0.value.peer == peer }).max(by: {
                    $0.value.bytes < $1.value.bytes
                })
            else { return nil }
            change(id, by: -holder.bytes)
            holders[id] = nil
            return (id, holder.close)
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Bytes held by all.
    var total: Int { state.withLock { $0.total } }

    /// - Parameter close: ends the connection; called at most once, on any thread.
    /// - Returns: what it is known by.
    func enter(_ peer: String, close: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.next += 1
            state.holders[state.next] = Holder(peer: peer, close: close)
            return state.next
        }
    }

    /// The connection holds so much more, or less.
    func change(_ id: Int, by count: Int) {
        if count == 0 { return }
        let closing = state.withLock { state -> [@Sendable () -> Void] in
            state.change(id, by: count)
            var closing: [@Sendable () -> Void] = []
            while state.total > limit, let largest = state.largest() { closing.append(largest.close) }
            return closing
        }
        for close in closing { close() }
    }

    func leave(_ id: Int) {
        state.withLock { state in
            guard let holder = state.holders[id] else { return }
            state.change(id, by: -holder.bytes)
            state.holders[id] = nil
        }
    }
}
