import EventLog
import Foundation
import Testing
import Wire

/// Every system call of the commit path fails in turn, in every way it can: the writer stops and says so, readers go on,
/// the log opens again and verifies, and nothing acknowledged is lost. See `Tests/FaultShim/fault.c` for the fault model.
///
/// `DAYBOOK_FAULTS=all` fails every one; otherwise a spread of them.
@Suite struct FaultTests {
    static let calls = 14
    static let everyOne = ProcessInfo.processInfo.environment["DAYBOOK_FAULTS"] == "all"

    struct Fault: CustomStringConvertible {
        var call: String
        var nth: Int
        var how: String
        /// 0: it fails from there on.
        var times = 1
        var path = "/log/data.mdb"
        var now = false
        var zeros = 0

        var description: String { "\(call) \(nth) \(how) x\(times)" }
        var environment: [String: String] {
            var out = [
                "FAULT_CALL": call, "FAULT_NTH": "\(nth)", "FAULT_HOW": how, "FAULT_TIMES": "\(times)",
                "FAULT_PATH": path, "FAULT_SEED": "\(nth)", "TORTURE_ZEROS": "\(zeros)",
            ]
            if now { out["FAULT_NOW"] = "1" }
            return out
        }
    }

    /// How often each call of the commit path is made, when nothing fails.
    private func counted() throws -> [String: Int] {
        let scratch = ScratchLog()
        let report = scratch.directory + ".calls"
        defer { try? FileManager.default.removeItem(atPath: report) }
        var environment = Fault(call: "any", nth: 0, how: "5").environment
        environment["FAULT_REPORT"] = report
        let run = try TortureProcess.run(
            "script", store: scratch.directory, [UInt64(Self.calls)], environment: environment)
        #expect(run.lines.last == "closed")
        let lines = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
        var out: [String: Int] = [:]
        for line in lines {
            let words = line.split(separator: " ")
            out[String(words[0])] = Int(words[1])
        }
        return out
    }

    private func spread(_ count: Int) -> [Int] {
        if Self.everyOne || count <= 3 { return Array(1...max(1, count)) }
        return [1, 2, count / 2, count]
    }

    /// Plays the script under a fault, and checks all that must hold.
    private func play(_ fault: Fault) throws -> [String] {
        let scratch = ScratchLog()
        let run = try TortureProcess.run(
            "script", store: scratch.directory, [UInt64(Self.calls)], environment: fault.environment)
        var acknowledged = Acknowledged()
        acknowledged.add(run.lines)
        if !run.wasKilled { #expect(run.lines.last == "closed", "\(fault): \(run.lines.suffix(3))") }
        guard FileManager.default.fileExists(atPath: scratch.paths.log + "/data.mdb") else {
            return run.lines
        }
        let log = try scratch.open()
        if try log.head.position == .start {
            #expect(acknowledged.positions.isEmpty, "\(fault)")
            _ = try log.appendAndWait([try Draft.creation(simulated: false)])
        }
        try acknowledged.check(log, "\(fault)")
        // And it goes on: what was not acknowledged is sent again.
        let next = TortureMessage(client: 1, number: (acknowledged.last[1] ?? 0) + 1)
        _ = try log.appendAndWait([try next.proposal()])
        log.close()
        return run.lines
    }

    @Test func eachCallOfTheCommitPathFails() throws {
        let counts = try counted()
        for call in ["pwrite", "lseek", "writev", "fdatasync", "dsync"] {
            #expect(counts[call] ?? 0 > 0, "the script makes no \(call): \(counts)")
        }
        var played = 0
        for call in ["pwrite", "lseek", "writev", "fdatasync", "dsync"] {
            let writes = call == "pwrite" || call == "writev"
            for how in ["\(EIO)", "\(ENOSPC)", "after"] + (writes ? ["short"] : []) {
                for nth in spread(counts[call] ?? 0) {
                    for times in [1, 0] {
                        let fault = Fault(call: call, nth: nth, how: how, times: times)
                        let lines = try play(fault)
                        played += 1
                        #expect(lines.contains { $0.hasPrefix("stopped: ") }, "\(fault): \(lines.suffix(4))")
                        #expect(lines.contains("readable"), "\(fault): \(lines.suffix(4))")
                        #expect(
                            lines.contains { $0.hasPrefix("again stopped: ") }, "\(fault): \(lines.suffix(4))"
                        )
                    }
                }
            }
        }
        print(
            "\(played) faults of \(counts.filter { $0.key != "open" }): each stopped the writer, none lost anything"
        )
    }

    /// A checkpoint is kept in a transaction beside the queue's. Where its commit fails the log stops, and the group that waited for its
    /// turn meanwhile is not appended after that.
    @Test func nothingIsAppendedAfterACheckpointThatFailed() throws {
        var met = 0
        for nth in stride(from: 3, to: Self.everyOne ? 240 : 72, by: 3) {
            let scratch = ScratchLog()
            defer { try? FileManager.default.removeItem(atPath: scratch.directory + ".key") }
            let fault = Fault(call: "fdatasync", nth: nth, how: "\(EIO)")
            let run = try TortureProcess.run(
                "aside", store: scratch.directory, [100], environment: fault.environment)
            #expect(run.lines.last == "closed", "\(fault): \(run.lines.suffix(3))")
            if run.lines.contains(where: { $0.hasPrefix("aside ") }) {
                met += 1
                #expect(run.lines.contains("still"), "\(fault): \(run.lines.suffix(5))")
            }
            var acknowledged = Acknowledged()
            acknowledged.add(run.lines)
            let log = try scratch.open()
            try acknowledged.check(log, "\(fault)")
            log.close()
        }
        print("\(met) checkpoints failed")
        #expect(met > 0)
    }

    /// Interrupted is not failed.
    @Test func anInterruptedWriteIsTriedAgain() throws {
        for call in ["pwrite", "writev", "fdatasync"] {
            let lines = try play(Fault(call: call, nth: 2, how: "\(EINTR)", times: 1))
            let wentOn = lines.last == "closed" && !lines.contains { $0.hasPrefix("failed") }
            #expect(wentOn, "\(call): \(lines.suffix(4))")
        }
    }

    /// A log that cannot open its files says so, and harms nothing.
    @Test func eachOpenFails() throws {
        var refused = 0
        for nth in 1...4 {
            for code in [EIO, ENOSPC, EMFILE] {
                let scratch = ScratchLog()
                let first = try TortureProcess.run("script", store: scratch.directory, [3])
                let fault = Fault(call: "open", nth: nth, how: "\(code)", times: 1, path: "/log/", now: true)
                let run = try TortureProcess.run(
                    "script", store: scratch.directory, [6], environment: fault.environment)
                var acknowledged = Acknowledged()
                acknowledged.add(first.lines + run.lines)
                let said = run.lines.last ?? ""
                #expect(said.hasPrefix("not opened: ") || said == "closed", "\(fault): \(said)")
                if said.hasPrefix("not opened: ") { refused += 1 }
                let log = try scratch.open()
                try acknowledged.check(log, "\(fault)")
                log.close()
            }
        }
        #expect(refused >= 9)
    }

    /// The power fails at a write, a sync or a seek: whatever was not synced is on the disk or not, sector by sector.
    @Test func aPowerCutTakesNothingThatWasAcknowledged() throws {
        let counts = try counted()
        let all = counts.values.reduce(0, +)
        var cut = 0
        for nth in 1...all where Self.everyOne || nth % 4 == 1 {
            for zeros in [0, 1 << 20] {
                let lines = try play(Fault(call: "any", nth: nth, how: "power", zeros: zeros))
                if lines.last != "closed" { cut += 1 }
            }
        }
        print("\(cut) power cuts, at \(all) calls")
        #expect(cut > 10)
    }
}
