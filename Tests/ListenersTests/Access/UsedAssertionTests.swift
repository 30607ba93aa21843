import CareRecord
import EventLog
import Foundation
import Server
import Synchronization
import Testing
import Wire

@testable import Listeners

/// An assertion that got a token gets no other, whatever the clocks say and however long the log has grown since.
@Suite struct UsedAssertionTests {
    /// A store whose log's clock stands so many seconds behind the machine's.
    private func opened(secondsBehind: Int64, _ body: (Store) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "daybook-used-\(UUID().uuidString)"
        defer {
            for path in [directory, directory + ".key"] { try? FileManager.default.removeItem(atPath: path) }
        }
        try Store.create(at: directory)
        var options = LogOptions()
        let system = TimeSource.system
        options.timeSource = TimeSource(
            wall: { system.wall() - secondsBehind * 1_000_000 }, monotonic: system.monotonic)
        let store = try Store(at: directory, options: options)
        defer { store.close() }
        try body(store)
    }

    @Test(arguments: [0, 3600 * 10] as [Int64])
    func aRestartForgetsNoneWhateverTheLogsClockSays(secondsBehind: Int64) throws {
        let client = ClientDetails(
            id: "feed", name: "Feed", org: "ZZH01", scopes: [], user: nil, profile: nil, keys: [])
        let digest = Wire.Digest([UInt8](repeating: 7, count: 32))!
        try opened(secondsBehind: secondsBehind) { store in
            try store.recordSignIn(of: client, assertion: digest, call: CallDetails(trace: "t"))
            let now = Date()
            let used = UsedAssertions()
            try used.fill(from: store, now: now)
            #expect(used.take(digest, now: now) == .used)
            #expect(used.take(digest, now: now.addingTimeInterval(UsedAssertions.seconds - 1)) == .used)
            let other = Wire.Digest([UInt8](repeating: 8, count: 32))!
            #expect(used.take(other, now: now) == .taken)
            #expect(used.take(other, now: now) == .used)
            // None of them can be good any more.
            #expect(used.take(digest, now: now.addingTimeInterval(UsedAssertions.seconds)) == .taken)
        }
    }
}
