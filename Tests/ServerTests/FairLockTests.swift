import Foundation
import Synchronization
import Testing

@testable import Server

/// The lock of the intake: whoever holds it and asks again at once waits behind those who asked meanwhile.
@Suite struct FairLockTests {
    @Test(.timeLimit(.minutes(1)))
    func whoeverWaitsHasTheirTurnBeforeTheHolderAgain() {
        let lock = FairLock()
        let order = Mutex<[String]>([])
        let done = DispatchSemaphore(value: 0)
        lock.lock()
        for name in ["a", "b", "c"] {
            let begun = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                begun.signal()
                lock.lock()
                order.withLock { $0.append(name) }
                lock.unlock()
                done.signal()
            }
            begun.wait()
            // It has to be in the queue, not just on its way.
            while lock.waitingCount == 0 || lock.waitingCount < ["a", "b", "c"].firstIndex(of: name)! + 1 {
                usleep(1000)
            }
        }
        lock.unlock()
        lock.lock()
        order.withLock { $0.append("again") }
        lock.unlock()
        for _ in 0..<3 { done.wait() }
        #expect(order.withLock { $0 } == ["a", "b", "c", "again"])
    }

    @Test func whoeverWaitsGivesUpTheirTurn() {
        let lock = FairLock()
        let ended = Atomic<Int>(0)
        lock.lock()
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let turn = Turn { ended.add(1, ordering: .relaxed) }
            Turn.$current.withValue(turn) {
                lock.lock()
                lock.unlock()
            }
            done.signal()
        }
        while lock.waitingCount == 0 { usleep(1000) }
        while ended.load(ordering: .relaxed) == 0 { usleep(1000) }
        lock.unlock()
        done.wait()
        #expect(ended.load(ordering: .relaxed) == 1)
        // Where nobody is in the way, it stays.
        let turn = Turn { ended.add(1, ordering: .relaxed) }
        Turn.$current.withValue(turn) {
            lock.lock()
            lock.yield()
            lock.unlock()
        }
        #expect(ended.load(ordering: .relaxed) == 1)
    }

    @Test func manyThreadsAreNeverInsideTogether() {
        let lock = FairLock()
        let inside = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let total = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<200 {
                lock.lock()
                most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                total.add(1, ordering: .relaxed)
                inside.subtract(1, ordering: .relaxed)
                lock.yield()
                lock.unlock()
            }
        }
        #expect(most.load(ordering: .relaxed) == 1 && total.load(ordering: .relaxed) == 1600)
    }
}
