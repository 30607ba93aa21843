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
        try flow(count: count, make: make) { (flow) throws(ProjectionError) in
            while let piece = try flow.next() { try take(piece) }
        }
    }

    /// The same for whoever takes pieces when it likes: other threads go on making them meanwhile.
    ///
    /// - Parameter ahead: pieces begun before those ahead of them were taken, at most.
    static func flow<T: Sendable>(
        count: Int, ahead: Int = .max, make: @Sendable (Int) throws(ProjectionError) -> T,
        _ body: (inout Flow<T>) throws(ProjectionError) -> Void
    ) throws(ProjectionError) {
        let pieces = Pieces<T>(count, ahead: ahead)
        let failure = withoutActuallyEscaping(make) { make -> ProjectionError? in
            let helpers = (1..<max(1, min(count, helperCount + 1))).map { _ in
                BackgroundThread {
                    while let index = pieces.claim() {
                        pieces.give(Result { () throws(ProjectionError) in try make(index) }, index)
                    }
                }
            }
            defer {
                pieces.stop(waking: helpers.count)
                for helper in helpers { helper.join() }
            }
            do throws(ProjectionError) {
                var flow = Flow(pieces: pieces, make: make)
                try body(&flow)
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }

    /// Threads beside the calling one.
    private static let helperCount = max(1, ProcessInfo.processInfo.activeProcessorCount) - 1

    /// Pieces being made, as the one thread sees them that takes them.
    struct Flow<T: Sendable> {
        fileprivate let pieces: Pieces<T>
        fileprivate let make: (Int) throws(ProjectionError) -> T
        fileprivate var index = 0

        fileprivate init(pieces: Pieces<T>, make: @escaping (Int) throws(ProjectionError) -> T) {
            (self.pieces, self.make) = (pieces, make)
        }

        /// The piece that is next in order, made by whoever claimed it; meanwhile this thread makes others.
        ///
        /// - Returns: nil after the last.
        mutating func next() throws(ProjectionError) -> T? {
            guard index < pieces.count else { return nil }
            defer { index += 1 }
            while true {
                if let made = pieces.take(index) { return try made.get() }
                if let own = pieces.claimNow() {
                    pieces.give(Result { () throws(ProjectionError) in try make(own) }, own)
                } else {
                    pieces.waitForOne()
                }
            }
        }
    }

    fileprivate final class Pieces<T: Sendable>: Sendable {
        private struct State {
            var next = 0
            var made: [Result<T, ProjectionError>?]
        }

        let count: Int
        private let state: Mutex<State>
        private let given = DispatchSemaphore(value: 0)
        /// Counts the pieces that may be begun.
        private let room = DispatchSemaphore(value: 0)

        init(_ count: Int, ahead: Int) {
            self.count = count
            state = Mutex(State(made: Array(repeating: nil, count: count)))
            for _ in 0..<min(count, max(1, ahead)) { room.signal() }
        }

        /// A piece that nobody makes yet, once it may be begun; nil where there is none left.
        func claim() -> Int? {
            room.wait()
            return begun()
        }

        /// The same where one may be begun at once.
        func claimNow() -> Int? { room.wait(timeout: .now()) == .success ? begun() : nil }

        private func begun() -> Int? {
            let index = state.withLock { state -> Int? in
                guard state.next < count else { return nil }
                defer { state.next += 1 }
                return state.next
            }
            // Nobody else has to wait to be told so.
            if index == nil { room.signal() }
            return index
        }

        func give(_ piece: Result<T, ProjectionError>, _ index: Int) {
            state.withLock { $0.made[index] = piece }
            given.signal()
        }

        func take(_ index: Int) -> Result<T, ProjectionError>? {
            let made = state.withLock { state in
                defer { state.made[index] = nil }
                return state.made[index]
            }
            if made != nil { room.signal() }
            return made
        }

        func waitForOne() { given.wait() }

        /// No more pieces are begun, and whoever waits to begin one is told.
        func stop(waking waiting: Int) {
            state.withLock { $0.next = count }
            for _ in 0..<waiting { room.signal() }
        }
    }
}
