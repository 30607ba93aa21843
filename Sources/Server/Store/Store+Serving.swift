import EventLog
import Projections
import Wire

/// What a process that stays asks of its store.
extension Store {
    /// Lets every read model follow the log on a thread of its own, so that reads find it folded. Once; `close` ends it.
    public func startFolding() {
        identity.start()
        policy.start()
        trail.start()
        record.start()
        people.start()
    }

    /// Why no key can be made any more.
    public var keysStopReason: String? { keys.stopReason }

    /// Each read model, how far it is folded, and why it stopped, where it did.
    public var folded: [(name: String, position: Position, failure: ProjectionError?)] {
        [
            (identity.projection.name, identity.position, identity.failure),
            (policy.projection.name, policy.position, policy.failure),
            (trail.projection.name, trail.position, trail.failure),
            (record.projection.name, record.position, record.failure),
            (people.projection.name, people.position, people.failure),
        ]
    }
}
