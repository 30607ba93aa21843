import Glibc

/// Work that may take as long as it likes: verifying, copying, building a view anew. Its threads get a processor while nobody else in the
/// same group of processes wants it, and give it up at once to a thread that wakes: the writer, whoever waits for it, a reader.
///
/// What holds a lock that others wait for is no such work: on a busy machine they would wait as long.
public enum BackgroundWork {
    /// Linux's SCHED_IDLE, whose macro Swift does not show.
    private static let idlePolicy: Int32 = 5
    /// Bytes read or made in a turn on the processor: some hundred microseconds.
    static let turn = 64 << 10
    /// Of a thread that steps aside: the bytes left of its turn, in the pointer's place. Of any other: nothing.
    private static let left: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key, nil)
        precondition(result == 0, "pthread_key_create failed")
        return key
    }()

    /// Runs `body` on a thread of its own while this one waits for it. Threads that `body` starts are as courteous: they inherit it.
    ///
    /// A thread that stepped aside may not step back without privilege, so the caller's own thread stays as it is.
    public static func run<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        let call = Call<R, E>()
        withoutActuallyEscaping(body) { body in
            call.body = body
            BackgroundThread {
                stepAside()
                call.make()
            }.join()
        }
        guard let outcome = call.outcome else { preconditionFailure("the thread ended without an outcome") }
        return try outcome.get()
    }

    /// To be called within work of more than some hundred microseconds, with what was done since: whoever waits for this processor has it.
    ///
    /// A thread that wakes has the processor at once, but one of the kernel's own, which the log's sync needs to go on, may find itself a
    /// few microseconds short of its share, and is looked at again at the next tick only: four milliseconds, where a sync takes a tenth of one.
    ///
    /// - Parameter bytes: read, hashed or written since, or as many as would have taken as long.
    /// - Returns: whether its turn was over. Never for ordinary work, which pays a look at the thread's own memory.
    @discardableResult
    public static func giveWay(_ bytes: Int) -> Bool {
        guard let kept = unsafe pthread_getspecific(left) else { return false }
        let rest = Int(bitPattern: kept) - bytes
        let isOver = rest <= 0
        if isOver { sched_yield() }
        setLeft(isOver ? turn : rest)
        return isOver
    }

    /// Whether this thread steps aside. Those it starts do too.
    static var isAside: Bool { unsafe pthread_getspecific(left) != nil }

    /// A thread begins that was started by one that steps aside.
    static func goOnAside() { setLeft(turn) }

    private static func setLeft(_ bytes: Int) {
        _ = unsafe pthread_setspecific(left, UnsafeRawPointer(bitPattern: bytes))
    }

    /// Where it is refused the work is done all the same, only less politely.
    private static func stepAside() {
        setLeft(turn)
        var parameters = sched_param(sched_priority: 0)
        _ = sched_setscheduler(0, idlePolicy, &parameters)
    }

    /// `@unchecked Sendable` because one thread waits while the other has it.
    private final class Call<R, E: Error>: @unchecked Sendable {
        var body: (() throws(E) -> R)?
        var outcome: Result<R, E>?

        func make() {
            guard let body = body.take() else { return }
            do throws(E) { outcome = .success(try body()) } catch { outcome = .failure(error) }
        }
    }
}
