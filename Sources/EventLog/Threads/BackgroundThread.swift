import Glibc

/// A thread of the operating system that runs one closure and can be joined. LMDB's write transactions belong to a
/// thread, and blocking work stays off the cooperative pool. It has the priority of the thread that starts it.
///
/// `@unchecked Sendable` because the thread's id is set once, in `init`, and `join` is called by one owner.
public final class BackgroundThread: @unchecked Sendable {
    private var thread: pthread_t

    public init(_ body: @escaping @Sendable () -> Void) {
        let isAside = BackgroundWork.isAside
        let box = Unmanaged.passRetained(
            Box {
                if isAside { BackgroundWork.goOnAside() }
                body()
            })
        var created = pthread_t()
        let code = pthread_create(
            &created, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        precondition(code == 0, "pthread_create failed: errno \(code)")
        thread = created
    }

    /// Waits for the closure to return. Call it once.
    public func join() { pthread_join(thread, nil) }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
