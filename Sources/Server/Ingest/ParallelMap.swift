import Dispatch
import Synchronization

/// The results in the order of the elements, made on every core.
func parallelMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) -> Result
) -> [Result] {
    if elements.count <= 1 { return elements.map(body) }
    let results = Mutex<[Result?]>(Array(repeating: nil, count: elements.count))
    withoutActuallyEscaping(body) { body in
        DispatchQueue.concurrentPerform(iterations: elements.count) { index in
            let result = body(elements[index])
            results.withLock { $0[index] = result }
        }
    }
    return results.withLock { $0.compactMap { $0 } }
}

/// A value made on another thread, which whoever asks for it waits for.
final class Background<Value: Sendable>: Sendable {
    private let made = Mutex<Value?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(_ make: @escaping @Sendable () -> Value) {
        DispatchQueue.global().async { [self] in
            let value = make()
            made.withLock { $0 = value }
            done.signal()
        }
    }

    /// Asked for once.
    var value: Value {
        done.wait()
        return made.withLock { $0! }
    }
}
