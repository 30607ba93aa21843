import NIOCore
import Synchronization

/// How many requests may be under way at once: as many as configured while they are answered soon, and fewer while they are not.
///
/// What is let in waits for its turn at the processor and at the disk, so its time grows with the number let in. A burst waits, and is
/// over; a flood stays, and then waiting longer only makes every answer late. So the limit falls when all of a while's answers took too
/// long, and rises again with what is answered soon: with more requests than it lets in it settles where an answer takes about
/// `target` (additive increase, multiplicative decrease).
final class AdaptiveLimit: Sendable {
    /// How long answers may take while more ask than can be served; a slower disk's own time, four times, where that is longer.
    static let target = TimeAmount.milliseconds(8)
    private static let window = TimeAmount.milliseconds(100)

    /// What whoever is let in has, and gives back.
    struct Place {
        fileprivate let isLarge: Bool
    }

    private struct State {
        var limit: Int
        var underWay = 0
        /// Of those, whose bodies come while they have a place already.
        var large = 0
        /// Of the window: when it began, what was refused, what was answered, and how many of those late.
        var begun = NIODeadline.now()
        var refused = 0
        var answered = 0
        var late = 0
        var soonest = TimeAmount.hours(1)
        /// The soonest answer of windows in which nobody was refused: what one takes by itself.
        var alone = TimeAmount.zero
    }

    let most: Int
    let least: Int
    private let state: Mutex<State>

    init(most: Int, processors: Int) {
        self.most = most
        // Enough that the processors compute while others wait for the disk.
        least = min(most, 4 * processors)
        state = Mutex(State(limit: most))
    }

    var limit: Int { state.withLock { $0.limit } }
    var underWay: Int { state.withLock { $0.underWay } }

    /// - Parameter isLarge: its body still comes: such have half of the places, so that slow ones keep nobody else out.
    /// - Returns: nil where nobody more may come in. Whoever is let in leaves again.
    func enter(isLarge: Bool = false) -> Place? {
        state.withLock { state in
            guard state.underWay < state.limit, !isLarge || state.large < max(1, state.limit / 2) else {
                state.refused += 1
                return nil
            }
            state.underWay += 1
            if isLarge { state.large += 1 }
            return Place(isLarge: isLarge)
        }
    }

    /// - Parameters:
    ///   - took: from when the request was whole until its answer was; nil where it was not answered.
    ///   - beat: what the answer waited for on purpose, at most.
    func leave(_ place: Place, took: TimeAmount?, beat: TimeAmount = .zero, now: NIODeadline = .now()) {
        state.withLock { state in
            state.underWay -= 1
            if place.isLarge { state.large -= 1 }
            if let took {
                state.answered += 1
                if beat == .zero { state.soonest = min(state.soonest, took) }
                if took > beat + max(Self.target, TimeAmount.nanoseconds(4 * state.alone.nanoseconds)) {
                    state.late += 1
                }
            }
            if now - state.begun >= Self.window { adjust(&state, now) }
        }
    }

    private func adjust(_ state: inout State, _ now: NIODeadline) {
        if state.refused == 0 {
            // Calm, or a burst that fits.
            if state.soonest < .hours(1), state.underWay < least {
                state.alone = state.soonest
            }
            state.limit = min(most, state.limit + max(1, state.limit / 4))
        } else if state.late * 20 > state.answered {
            state.limit = max(least, state.limit * 3 / 4)
        } else {
            state.limit = min(most, state.limit + 1)
        }
        state.begun = now
        (state.refused, state.answered, state.late, state.soonest) = (0, 0, 0, .hours(1))
    }
}
