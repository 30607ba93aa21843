import Foundation
import Wire

/// How far a projection is, for whoever waits: on a thread, or in a task.
///
/// `@unchecked Sendable` because all state is only touched with the condition locked.
final class FoldProgress: @unchecked Sendable {
    private let condition = NSCondition()
    private var folded = Position.start
    private var failure: ProjectionError?
    private var isClosed = false
    private var tasks: [UInt64: (Position, CheckedContinuation<Position, any Error>)] = [:]
    private var lastTask: UInt64 = 0

    var position: Position { condition.withLock { folded } }
    var error: ProjectionError? { condition.withLock { failure } }

    /// Something is folded: whatever failed before is over.
    ///
    /// - Parameter position: may go back, where a view is built anew.
    func advance(to position: Position) {
        let ready = condition.withLock {
            folded = position
            if !isClosed { failure = nil }
            condition.broadcast()
            let ready = tasks.filter { $0.value.0 <= position }
            for id in ready.keys { tasks.removeValue(forKey: id) }
            return ready.values.map(\.1)
        }
        for task in ready { task.resume(returning: position) }
    }

    /// Tells whoever waits, and whoever comes until something is folded.
    func fail(_ error: ProjectionError) { end(error, isClosed: false) }

    /// The same for good.
    func close(_ error: ProjectionError) { end(error, isClosed: true) }

    private func end(_ error: ProjectionError, isClosed: Bool) {
        let waiting = condition.withLock { () -> [CheckedContinuation<Position, any Error>] in
            if self.isClosed { return [] }
            (failure, self.isClosed) = (error, isClosed)
            condition.broadcast()
            defer { tasks = [:] }
            return tasks.values.map(\.1)
        }
        for task in waiting { task.resume(throwing: error) }
    }

    /// Blocks this thread until the position is folded or the time is over.
    func wait(for position: Position, milliseconds: Int) throws(ProjectionError) -> Position {
        let deadline = Date(timeIntervalSinceNow: Double(milliseconds) / 1000)
        condition.lock()
        defer { condition.unlock() }
        while folded < position {
            if let failure { throw failure }
            guard condition.wait(until: deadline) else { break }
        }
        return folded
    }

    /// The same for a task, which gives its thread back meanwhile.
    func reach(_ position: Position, milliseconds: Int) async throws(ProjectionError) -> Position {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                let now: Result<Position, any Error>? = condition.withLock {
                    if folded >= position { return .success(folded) }
                    if let failure { return .failure(failure) }
                    lastTask += 1
                    let id = lastTask
                    tasks[id] = (position, continuation)
                    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
                        self.expire(id)
                    }
                    return nil
                }
                if let now { continuation.resume(with: now) }
            }
        } catch let error as ProjectionError {
            throw error
        } catch {
            throw .stopped(reason: "\(error)")
        }
    }

    private func expire(_ id: UInt64) {
        let (task, at) = condition.withLock { (tasks.removeValue(forKey: id), folded) }
        task?.1.resume(returning: at)
    }
}
