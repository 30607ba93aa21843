import Synchronization

/// A turn at the processor. Of the calls that many threads make into a store only as many compute at once as there are processors; one that
/// waits for the disk ends its turn, so that the next computes meanwhile and both wait for one sync.
///
/// More threads at once would only wait for each other: for locks, and for the processor.
public final class Turn: Sendable {
    /// Of the call that this thread makes.
    @TaskLocal public static var current: Turn?

    private let hasEnded = Atomic<Bool>(false)
    private let onEnd: @Sendable () -> Void

    public init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    /// Lets the next one compute. Once; what this one does after that should be short.
    public func end() {
        if !hasEnded.exchange(true, ordering: .relaxed) { onEnd() }
    }
}
