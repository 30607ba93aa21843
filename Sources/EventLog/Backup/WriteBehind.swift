/// Writes a file on a thread of its own, at most two chunks behind whoever fills it.
final class WriteBehind {
    private struct State: Sendable {
        var waiting: [[UInt8]] = []
        var isEnding = false
        var failure: LogError?
    }

    private static let ahead = 2
    private let file: BackupFile
    private let state = Monitor(State())
    private var thread: BackgroundThread?

    init(_ file: BackupFile) {
        self.file = file
        let state = state
        thread = BackgroundThread { Self.run(file, state) }
    }

    deinit { end() }

    private static func run(_ file: BackupFile, _ state: Monitor<State>) {
        while true {
            let next: [UInt8]?? = state.wait { state -> [UInt8]?? in
                if let first = state.waiting.first { return .some(first) }
                return state.isEnding ? .some(nil) : nil
            }
            guard let chunk = next ?? nil else { return }
            var failure: LogError?
            do throws(LogError) { try file.writePaced(chunk) } catch { failure = error }
            let isOver = state.withLock { state in
                state.waiting.removeFirst()
                state.failure = failure
                return failure != nil
            }
            state.broadcast()
            if isOver { return }
        }
    }

    func write(_ chunk: [UInt8]) throws(LogError) {
        let failure: LogError?? = state.wait { state -> LogError?? in
            if let failure = state.failure { return .some(failure) }
            if state.waiting.count >= Self.ahead { return nil }
            state.waiting.append(chunk)
            return .some(nil)
        }
        state.broadcast()
        if let failure = failure ?? nil { throw failure }
    }

    /// Waits until all of it is written and synced.
    ///
    /// - Returns: the file's bytes.
    func finish() throws(LogError) -> UInt64 {
        end()
        if let failure = state.withLock({ $0.failure }) { throw failure }
        try file.sync()
        return file.bytes
    }

    private func end() {
        guard let running = thread else { return }
        thread = nil
        state.withLock { $0.isEnding = true }
        state.broadcast()
        running.join()
    }
}
