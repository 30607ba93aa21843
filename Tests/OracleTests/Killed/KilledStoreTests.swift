import Foundation
import Testing

/// The whole store under kill -9: processes play a random history one after another, each killed at some moment, in the
/// middle of an append, of a fold, of an open. What the log and the read models then say must be what the oracle says of
/// the same history played in peace. (A kill leaves what the kernel holds: it tests order, not disks.)
///
/// `DAYBOOK_KILLED` says how many histories; `DAYBOOK_SEED` plays one.
@Suite struct KilledStoreTests {
    static let environment = ProcessInfo.processInfo.environment
    static let killsAtMost = 40

    static var seeds: [UInt64] {
        if let seed = environment["DAYBOOK_SEED"].flatMap(UInt64.init) { return [seed] }
        return Array(1...(environment["DAYBOOK_KILLED"].flatMap(UInt64.init) ?? 4))
    }

    /// What the kills of all histories met.
    struct Met {
        var kills = 0
        var cutShort = 0
        var foldBehind = 0
    }

    @Test func killedStoresEqualTheOracle() async throws {
        var met = Met()
        for seed in Self.seeds {
            let directory = NSTemporaryDirectory() + "daybook-killed-\(UUID().uuidString)"
            defer {
                for suffix in ["", ".key", ".journal", ".failure"] {
                    try? FileManager.default.removeItem(atPath: directory + suffix)
                }
            }
            let history = History(seed: seed)
            let fresh = try StoreUnderTest(start: history.start, directory: directory)
            fresh.closeKeeping()
            var moments = SplitMix64(seed: seed ^ 0xDEAD)
            for kill in 0..<Self.killsAtMost {
                // Later ones get further, however slow the machine is.
                let delay = UInt32(moments.below(150_000 + kill * 50_000))
                guard try await Self.survived(seed: seed, directory: directory, delay: delay) else { break }
                met.kills += 1
                let left = try SurvivingStore(directory: directory, start: history.start)
                if try left.isFoldBehind { met.foldBehind += 1 }
                if try left.wasCutShort { met.cutShort += 1 }
                left.close(keeping: true)
            }
            do { try Self.finish(history, directory) } catch {
                Issue.record("DAYBOOK_SEED=\(seed): \(error)")
            }
        }
        print(
            "\(Self.seeds.count) histories, \(met.kills) kills: \(met.cutShort) cut an operation short whose append "
                + "had landed, \(met.foldBehind) left the record's fold behind the log")
        #expect(met.kills > 0)
    }

    /// One process: plays on from where the last one was killed.
    ///
    /// - Returns: whether there may be more to do.
    private static func survived(seed: UInt64, directory: String, delay: UInt32) async throws -> Bool {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [seed = seed as UInt64, directory = directory as String, delay = delay as UInt32] in
            Thread.detachNewThread {
                usleep(delay)
                kill(getpid(), SIGKILL)
            }
            do {
                let history = History(seed: seed)
                let store = try SurvivingStore(directory: directory, start: history.start)
                var run = try HistoryRun(history, on: store)
                try run.play()
                try "played to its end".write(
                    toFile: directory + ".failure", atomically: true, encoding: .utf8)
            } catch {
                try "\(error)".write(toFile: directory + ".failure", atomically: true, encoding: .utf8)
            }
            kill(getpid(), SIGKILL)
        }
        // Whatever was said there is found again when the history is finished here.
        return !FileManager.default.fileExists(atPath: directory + ".failure")
    }

    /// What is left to play, in peace; everything that was answered is compared on the way, and final answers once more.
    private static func finish(_ history: History, _ directory: String) throws {
        let store = try SurvivingStore(directory: directory, start: history.start)
        defer { store.close() }
        var run = try HistoryRun(history, on: store)
        try run.play()
        for (asked, body) in run.finals {
            guard let bytes = try store.view(asked), try AnsweredView(bytes).body == body else {
                throw Problem("\(asked) is answered in another way at the end")
            }
        }
        let problems = try store.verified()
        if !problems.isEmpty { throw Problem("log verify: \(problems)") }
    }
}
