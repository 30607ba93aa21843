import Foundation

/// Whether another thread of this process stands still: it came to what it has to wait for.
enum ThreadState {
    /// Names the calling thread.
    static var current: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
    }

    /// Returns once the thread sleeps at several looks one after another, or is gone.
    static func waitUntilAsleep(_ thread: () -> String?) {
        var looks = 0
        while looks < 10 {
            usleep(2000)
            guard let name = thread() else { continue }
            guard let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8) else {
                return
            }
            let state = stat.split(separator: ")").last?.split(separator: " ").first
            looks = state == "S" ? looks + 1 : 0
        }
    }
}
