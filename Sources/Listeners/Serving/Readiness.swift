import EventLog
import Server
import Synchronization
import Wire

/// What keeps the server from serving, for `/health/ready`.
public final class Readiness: Sendable {
    /// Records that a read model may be behind the log and still be fit to read: a read waits for what it needs.
    static let maximumLag: UInt64 = 100_000

    private let store: Store
    private let stopping = Atomic<Bool>(false)
    private let others = Mutex<[@Sendable () -> String?]>([])

    public init(store: Store) { self.store = store }

    /// The server is being stopped: whoever asks should go elsewhere.
    func stop() { stopping.store(true, ordering: .relaxed) }

    /// Asks there too for what somebody should look at.
    func add(_ note: @escaping @Sendable () -> String?) { others.withLock { $0.append(note) } }

    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// What keeps nobody from being served, and somebody should look at.
    func notes() -> [String] {
        let heldBack = store.log.clockHeldBackMicroseconds / 1_000_000
        let notes = others.withLock { $0 }.compactMap { $0() }
        if heldBack == 0 { return notes }
        return notes + [
            "the machine's clock is \(heldBack) s ahead of the log's, which does not follow it: `daybook log clock` says more"
        ]
    }

    func problems() -> [String] {
        var problems: [String] = []
        if isStopping { problems.append("the server is stopping") }
        if let reason = store.log.stopReason {
            problems.append("the log takes nothing: \(reason)")
        } else if let reason = store.log.fullReason {
            problems.append("the log takes nothing: \(reason) (DAYBOOK_LOG_MAP_BYTES, and start again)")
        }
        if let reason = store.keysStopReason {
            problems.append(
                "no key can be made, so nothing of a new patient is taken: \(reason); start again")
        }
        if let reason = store.log.indexFailure {
            problems.append(
                "the log's index cannot be written, and the log takes nothing once it is far behind: \(reason)"
            )
        }
        guard let head = try? store.log.head.position else { return problems + ["the log cannot be read"] }
        for (name, position, failure) in store.folded {
            if let failure {
                problems.append("\(name) stopped folding: \(failure)")
            } else if head.value - min(head.value, position.value) > Self.maximumLag {
                problems.append("\(name) has \(head.value - position.value) records to fold")
            }
        }
        return problems
    }
}
