import Foundation

/// Threads that do the same work at once, each with its own number, measured from when all are ready to when all are done.
enum Writers {
    /// Seconds that `count` threads took over `work`.
    ///
    /// - Throws: the first error that any of them threw.
    static func run(_ count: Int, work: @escaping @Sendable (Int) throws -> Void) throws -> Double {
        let gate = Gate(count)
        let failure = Failure()
        for number in 0..<count {
            let thread = Thread {
                gate.arriveAndWait()
                do { try work(number) } catch { failure.note(error) }
                gate.leave()
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
        gate.waitUntilAllArrived()
        let spent = seconds {
            gate.open()
            gate.waitUntilAllLeft()
        }
        try failure.check()
        return spent
    }

    private final class Gate: @unchecked Sendable {  // because: the condition guards every field.
        private let condition = NSCondition()
        private let count: Int
        private var arrived = 0
        private var left = 0
        private var isOpen = false

        init(_ count: Int) { self.count = count }

        func arriveAndWait() {
            condition.withLock {
                arrived += 1
                condition.broadcast()
                while !isOpen { condition.wait() }
            }
        }

        func waitUntilAllArrived() { condition.withLock { while arrived < count { condition.wait() } } }

        func open() {
            condition.withLock {
                isOpen = true
                condition.broadcast()
            }
        }

        func leave() {
            condition.withLock {
                left += 1
                condition.broadcast()
            }
        }

        func waitUntilAllLeft() { condition.withLock { while left < count { condition.wait() } } }
    }
}
