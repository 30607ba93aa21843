import Glibc

/// Work that may take as long as it likes: verifying, copying, building a view anew. Its threads get a processor while nobody else in the
/// same group of processes wants it, and give it up at once to a thread that wakes: the writer, whoever waits for it, a reader.
///
/// What holds a lock that others wait for is no such work: on a busy machine they would wait as long.
public enum BackgroundWork {
    /// Linux's SCHED_IDLE, whose macro Swift does not show.
    private static let idlePolicy: Int32 = 5

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

    /// Where it is refused the work is done all the same, only less politely.
    private static func stepAside() {
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
