import Dispatch
import Synchronization

/// Runs independent pieces of one batch on all cores, and waits for them.
enum ParallelWork {
    /// `count` results, in order. The first failure is thrown once all pieces ended.
    static func map<T: Sendable>(
        count: Int, _ body: @Sendable (Int) throws(ProjectionError) -> T
    ) throws(ProjectionError) -> [T] {
        if count <= 1 {
            var out: [T] = []
            for index in 0..<count { out.append(try body(index)) }
            return out
        }
        let results = Mutex<[Result<T, ProjectionError>?]>(Array(repeating: nil, count: count))
        DispatchQueue.concurrentPerform(iterations: count) { index in
            let result = Result { () throws(ProjectionError) in try body(index) }
            results.withLock { $0[index] = result }
        }
        var out: [T] = []
        out.reserveCapacity(count)
        for result in results.withLock({ $0 }) { out.append(try result!.get()) }
        return out
    }
}
