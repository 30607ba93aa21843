import Foundation
import Synchronization
import Wire

/// MSH-10 of our answers: unlike any other of this process, and of those before it.
enum ControlIDs {
    private static let started = UInt64(Date().timeIntervalSince1970 * 1000)
    private static let count = Atomic<UInt64>(0)

    static func next() -> String {
        "DB\(String(started, radix: 36))-\(count.add(1, ordering: .relaxed).newValue)".uppercased()
    }
}

extension Instant {
    /// The machine's clock.
    static var machine: Instant {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }
}
