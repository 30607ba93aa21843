import Synchronization

/// The first error that one of several tasks met.
final class Failure: Sendable {
    private let first = Mutex<(any Error)?>(nil)

    func note(_ error: any Error) { first.withLock { $0 = $0 ?? error } }

    func check() throws { if let error = first.withLock({ $0 }) { throw error } }
}
