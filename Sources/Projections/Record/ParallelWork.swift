import Dispatch
import EventLog
import Foundation
import Synchronization

/// Runs independent pieces of one batch on all cores, and waits for them.
enum ParallelWork {
    /// `count` results, in order. The first failure is thrown once all pieces ended.
    static func map<T: Sendable>(
        count: Int, _ body: @Sendable (Int) throws(ProjectionError) -> T
    ) throws(ProjectionError) -> [T] {
        var out: [T] = []
        out.reserveCapacity(count)
        try inOrder(count: count, make: body) { out.append($0) }
        return out
    }

    /// Makes pieces on all cores, this thread's too, and takes each on this thread, in order, as soon as it is made: what only one
    /// thread may do goes on beside what all can.
    ///
    /// - Throws: the first failure in the pieces' order, once no piece is being made any more.
    static func inOrder<T: Sendable>(
        count: Int, make: @Sendable (Int) throws(ProjectionError) -> T,
        take: (T) throws(ProjectionError) -> Void
    ) throws(ProjectionError) {
        let pieces = Pieces<T>(count)
        let failure = withoutActuallyEscaping(make) { make -> ProjectionError? in
            let helpers = (1..<max(1, min(count, helperCount + 1))).map { _ in
                BackgroundThread {
                    while let index = pieces.claim() {
                        pieces.give(Result { () throws(ProjectionError) in try make(index) }, index)
                    }
                }
            }
            defer { for helper in helpers { helper.join() } }
            do throws(ProjectionError) {
                for index in 0..<count { try take(try piece(index, of: pieces, make)) }
                return nil
            } catch {
                pieces.stop()
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Threads beside the calling one.
    private static let helperCount = max(1, ProcessInfo.processInfo.activeProcessorCount) - 1

    /// The piece that is next in order, made by whoever claimed it; meanwhile this thread makes others.
    private static func piece<T: Sendable>(
        _ index: Int, of pieces: Pieces<T>, _ make: (Int) throws(ProjectionError) -> T
    ) throws(ProjectionError) -> T {
        while true {
            if let made = pieces.take(index) { return try made.get() }
            if let own = pieces.claim() {
                pieces.give(Result { () throws(ProjectionError) in try make(own) }, own)
            } else {
                pieces.waitForOne()
            }
        }
    }

    private final class Pieces<T: Sendable>: Sendable {
        private struct State {
            var next = 0
            var made: [Result<T, ProjectionError>?]
        }

        private let count: Int
        private let state: Mutex<State>
        private let given = DispatchSemaphore(value: 0)

        init(_ count: Int) {
            self.count = count
            state = Mutex(State(made: Array(repeating: nil, count: count)))
        }

        /// A piece that nobody makes yet; nil where there is none left.
        func claim() -> Int? {
            state.withLock { state in
                guard state.next < count else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }

        func give(_ piece: Result<T, ProjectionError>, _ index: Int) {
            state.withLock { $0.made[index] = piece }
            given.signal()
        }

        func take(_ index: Int) -> Result<T, ProjectionError>? {
            state.withLock { state in
                defer { state.made[index] = nil }
                return state.made[index]
            }
        }

        func waitForOne() { given.wait() }

        /// No more pieces are begun.
        func stop() { state.withLock { $0.next = count } }
    }
}
