import Foundation
import Synchronization

/// One line on a terminal's standard error, rewritten a few times a second; nothing at all elsewhere. Told from any thread.
final class Progress: Sendable {
    private let what: String
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    /// Progress is told from threads of the store, which know nothing of the command they work for.
    private let served = ServedCommand.current

    init(_ what: String) { self.what = what }

    func update(_ done: UInt64, of total: UInt64?, unit: String) {
        guard served?.call.showsProgress ?? Output.errorIsTerminal else { return }
        let isDue = last.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last < .milliseconds(200) { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let share = total.map { $0 > 0 ? " of \($0) \(unit) (\(done * 100 / $0) %)" : "" } ?? " \(unit)"
        put("\r\u{1B}[K\(what): \(done)\(share)")
    }

    /// Clears the line.
    func finish() {
        if last.withLock({ $0 }) != nil { put("\r\u{1B}[K") }
    }

    private func put(_ text: String) {
        if let served { return served.reply.error(Array(text.utf8)) }
        FileHandle.standardError.write(Data(text.utf8))
    }
}
