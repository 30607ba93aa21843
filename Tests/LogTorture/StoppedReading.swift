@_spi(Torture) import EventLog
import Foundation

/// Reads every key's entry, and stands still (SIGSTOP) in the middle of the first time; then says how many there are.
enum StoppedReading {
    static func run(keys: String, after entries: Int) throws {
        var times = 0
        let count = try KeyStore.countEntries(at: keys, pausingAfter: entries) {
            times += 1
            if times == 1 { raise(SIGSTOP) }
        }
        say("\(count) entries, \(times) times")
    }
}
