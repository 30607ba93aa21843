import EventLog
import Foundation
import Seeded
import Testing
import Wire

/// A process that appends for several clients is killed at some moment, again and again over the same store: what clients
/// were told is durable is there, nothing is there twice though all resend, and the log is sound. (A kill leaves what the
/// kernel holds: it tests order; `PowerCutTests` takes what was not synced away.)
///
/// `DAYBOOK_ROUNDS` says how many kills (`tools/crash-loop N`).
@Suite struct CrashLoopTests {
    static let clients: UInt64 = 5
    /// Kills a store lives through before a fresh one: every round reads all of it.
    static let roundsAStore = 25

    @Test func whatWasAcknowledgedSurvivesAKill() throws {
        let rounds = ProcessInfo.processInfo.environment["DAYBOOK_ROUNDS"].flatMap(Int.init) ?? 10
        let seed = UInt64.random(in: 0..<1_000_000)
        var numbers = SplitMix64(seed: seed)
        var (scratch, acknowledged) = (ScratchLog(), Acknowledged())
        var (told, resent) = (0, 0)
        for round in 0..<rounds {
            if round % Self.roundsAStore == 0 { (scratch, acknowledged) = (ScratchLog(), Acknowledged()) }
            let starts = (0..<Self.clients).map { (acknowledged.last[$0] ?? 0) + 1 }
            // Sometimes while it opens, sometimes in the middle of things.
            let lines =
                Int.random(in: 0..<4, using: &numbers) == 0 ? 0 : Int.random(in: 1...300, using: &numbers)
            let run = try TortureProcess.killed(
                "clients", store: scratch.directory, starts, afterLines: lines,
                microseconds: .random(in: 0..<30_000, using: &numbers),
                // Every other time with zeros written ahead of the log, as a server has it, and in pieces that a round crosses.
                environment: round % 2 == 0 ? ["TORTURE_ZEROS": "4194304"] : [:])
            #expect(run.wasKilled, "round \(round), seed \(seed)")
            told += run.lines.count
            acknowledged.add(run.lines)
            guard FileManager.default.fileExists(atPath: scratch.paths.log + "/data.mdb") else { continue }
            let log = try scratch.open(options: ScratchLog.options(segmentRecords: 256))
            if try log.head.position > .start {
                try acknowledged.check(log, "round \(round), seed \(seed)")
                resent += Int(try log.head.position.value) - 1 - acknowledged.positions.count
            }
            log.close()
            if round % 50 == 49 { print("\(round + 1) rounds: \(told) acknowledged") }
        }
        print(
            "\(rounds) kills, \(told) messages acknowledged, \(resent) landed untold; none lost, none twice")
        #expect(told > 0)
    }

    @Test func anotherProcessReadsBesideTheWriter() throws {
        let scratch = ScratchLog()
        let (process, pipe) = TortureProcess.prepared("clients", store: scratch.directory, [1, 1, 1])
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        _ = pipe.fileHandleForReading.availableData
        // Someone must read on, or the writer waits for its output.
        pipe.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        let reader = try scratch.open(.readOnly, options: ScratchLog.options(segmentRecords: 256))
        #expect(throws: LogError.readOnly) {
            try reader.appendAndWait([try Draft.creation(simulated: false)])
        }
        #expect(throws: LogError.self) { try scratch.open() }
        for _ in 0..<20 {
            let before = try reader.head
            let after = try reader.wait(past: before.position, timeoutMicroseconds: 30_000_000)
            #expect(after.position > before.position)
            let newest = try reader.header(at: after.position)
            #expect(newest.recordedAt == after.recordedAt)
            #expect(try reader.classHead(.sourceUpdate) >= after.position)
            let key = try #require(newest.message)
            #expect(try reader.position(of: key) == after.position)
            #expect(try reader.streamHead(newest.stream) >= after.position)
        }
        let report = try reader.verify()
        #expect(report.isSound, "\(report.problems) \(report.indexProblems)")
        reader.close()
        pipe.fileHandleForReading.readabilityHandler = nil
    }
}
