import Foundation
import Synchronization

/// A lock that is taken in the order of asking: whoever lets it go and asks again at once waits behind those who asked meanwhile.
///
/// For long work: who has to wait gives up their turn at the processor, since they would keep it from those who could use it.
final class FairLock: Sendable {
    private struct State {
        var isHeld = false
        /// Each of whoever waits, first come first.
        var waiting: [DispatchSemaphore] = []
    }

    private let state = Mutex(State())

    func lock() {
        let mine: DispatchSemaphore? = state.withLock { state in
            if !state.isHeld {
                state.isHeld = true
                return nil
            }
            let mine = DispatchSemaphore(value: 0)
            state.waiting.append(mine)
            return mine
        }
        guard let mine else { return }
        Turn.current?.end()
        mine.wait()
    }

    /// Hands it to whoever waited longest.
    func unlock() {
        let next: DispatchSemaphore? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isHeld = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.signal()
    }

    /// How many wait.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Lets those who wait go first, if any do. What the holder knew may have changed when this returns.
    func yield() {
        guard state.withLock({ !$0.waiting.isEmpty }) else { return }
        unlock()
        lock()
    }
}
