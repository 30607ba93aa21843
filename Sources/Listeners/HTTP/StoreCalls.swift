import Foundation
import NIOPosix
import Server
import Synchronization

/// Where calls into the store run: some wait for the disk, so they have threads of their own, as many as may wait for one sync
/// together. Only a few compute at once; the others wait for their turn without a thread.
final class StoreCalls: Sendable {
    static let threads = 16
    static let turns = max(2, ProcessInfo.processInfo.activeProcessorCount)

    private struct State {
        var computing = 0
        var waiting: [@Sendable () -> Void] = []
        var first = 0
    }

    let store: Store
    private let pool: NIOThreadPool
    private let state = Mutex(State())

    init(_ store: Store) {
        self.store = store
        pool = NIOThreadPool(numberOfThreads: Self.threads)
        pool.start()
    }

    func run<T: Sendable>(_ body: @escaping @Sendable (Store) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            begin { [self] in
                pool.submit { [self] state in
                    let turn = Turn { [self] in next() }
                    defer { turn.end() }
                    guard state == .active else { return continuation.resume(throwing: CancellationError()) }
                    let result = Result { try Turn.$current.withValue(turn) { try body(store) } }
                    continuation.resume(with: result)
                }
            }
        }
    }

    private func begin(_ work: @escaping @Sendable () -> Void) {
        let isNow = state.withLock { state in
            if state.computing < Self.turns {
                state.computing += 1
                return true
            }
            state.waiting.append(work)
            return false
        }
        if isNow { work() }
    }

    /// A turn has ended: whoever waited longest has it.
    private func next() {
        let work: (@Sendable () -> Void)? = state.withLock { state in
            guard state.first < state.waiting.count else {
                state.computing -= 1
                return nil
            }
            let work = state.waiting[state.first]
            state.first += 1
            if state.first >= 256 || state.first == state.waiting.count {
                state.waiting.removeFirst(state.first)
                state.first = 0
            }
            return work
        }
        work?()
    }
}
