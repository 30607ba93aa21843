import EventLog
import Foundation
import LogModel
import Testing
import Wire

/// Every system call that writes keys ahead of what they seal, or the index behind the log, fails in turn. Without keys nothing new is taken,
/// and that is said; without an index the log goes on to a bound, pushes back there, and writes it once it can. Readers go on, all opens
/// again and verifies, and nothing acknowledged is lost, nor the key that it is sealed under.
///
/// `DAYBOOK_FAULTS=all` fails every one; otherwise a spread of them.
@Suite struct KeyAndIndexFaultTests {
    typealias Fault = FaultTests.Fault
    private static let calls = 12
    private static let kinds = ["pwrite", "lseek", "writev", "fdatasync", "dsync"]

    private struct Played {
        var lines: [String]
        /// How often each call was made.
        var calls: [String: Int]
    }

    /// Plays the script, and checks all that must hold however it went.
    private func play(_ fault: Fault) throws -> Played {
        let scratch = ScratchLog()
        let report = scratch.directory + ".calls"
        defer {
            for file in [report, scratch.directory + ".key"] {
                try? FileManager.default.removeItem(atPath: file)
            }
        }
        var environment = fault.environment
        (environment["FAULT_REPORT"], environment["TORTURE_SEGMENT"]) = (report, "1")
        environment["TORTURE_RETRY"] = "20000"
        let run = try TortureProcess.run(
            "kept", store: scratch.directory, [UInt64(Self.calls)], environment: environment)
        #expect(!run.wasKilled && run.lines.last == "closed", "\(fault): \(run.lines.suffix(3))")
        try Self.check(scratch, run.lines, "\(fault)")
        let told = (try? String(contentsOfFile: report, encoding: .utf8)) ?? ""
        let calls = told.split(separator: "\n").map { $0.split(separator: " ") }
        return Played(
            lines: run.lines,
            calls: Dictionary(uniqueKeysWithValues: calls.map { (String($0[0]), Int($0[1]) ?? 0) }))
    }

    /// The log is whole, every acknowledged message opens under its key, and keys are sound and go on.
    private static func check(_ scratch: ScratchLog, _ lines: [String], _ context: String) throws {
        var acknowledged = Acknowledged()
        acknowledged.add(lines)
        let log = try scratch.open()
        defer { log.close() }
        try acknowledged.check(log, context)
        let (folder, master) = (
            scratch.directory + "/keys", try MasterKey.load(.file(path: scratch.directory + ".key"))
        )
        let found = try KeyVerification.run(at: folder, master: master)
        #expect(found.isSound, "\(context): \(found.problems)")
        let keys = try KeyStore(at: folder, master: master, mapBytes: 1 << 28)
        defer { keys.close() }
        let used = try log.maxKeySlot
        try keys.setUsed(through: used)
        for (message, position) in acknowledged.positions {
            #expect(try message.isSealed(in: log.read(at: position), keys), "\(context): \(position)")
        }
        let next = TortureMessage(client: 1, number: (acknowledged.last[1] ?? 0) + 1)
        for _ in 0..<KeyLimits.batch { _ = try keys.reserve() }
        let slot = try keys.reserve()
        #expect(slot > used, "\(context)")
        let taken = try log.appendAndWait([try next.proposal(sealing: slot, keys)])
        let head = try #require(taken.first, "\(context)")
        if let appended = head.appended {
            #expect(try next.isSealed(in: log.read(at: appended.first), keys), "\(context)")
        }
    }

    private static func spread(_ count: Int) -> [Int] {
        FaultTests.everyOne || count <= 2 ? Array(1...max(1, count)) : [1, count / 2]
    }

    private static func hows(_ call: String) -> [String] {
        ["\(EIO)", "\(ENOSPC)", "after"] + (call == "pwrite" || call == "writev" ? ["short"] : [])
    }

    @Test func withoutKeysNothingNewIsTaken() throws {
        let path = "/keys/data.mdb"
        let counts = try play(Fault(call: "any", nth: 0, how: "5", path: path)).calls
        #expect(["pwrite", "fdatasync", "dsync"].allSatisfy { counts[$0] ?? 0 > 0 }, "\(counts)")
        var played = 0
        for call in Self.kinds where counts[call] ?? 0 > 0 {
            for how in Self.hows(call) {
                for nth in Self.spread(counts[call] ?? 0) {
                    for times in [1, 0] {
                        let fault = Fault(call: call, nth: nth, how: how, times: times, path: path)
                        let lines = try play(fault).lines
                        played += 1
                        for word in ["failed: ", "keys stopped: ", "again stopped: "] {
                            #expect(lines.contains { $0.hasPrefix(word) }, "\(fault): \(lines.suffix(5))")
                        }
                        #expect(lines.contains("readable"), "\(fault): \(lines.suffix(5))")
                    }
                }
            }
        }
        print(
            "\(played) faults of keys, \(counts.filter { $0.value > 0 }): each stopped them, none lost anything"
        )
    }

    @Test func withoutAnIndexTheLogPushesBackAtABound() throws {
        let path = "/views/index/data.mdb"
        let counts = try play(Fault(call: "any", nth: 0, how: "5", path: path)).calls
        #expect(["pwrite", "fdatasync", "dsync"].allSatisfy { counts[$0] ?? 0 > 0 }, "\(counts)")
        var (played, met, pushedBack) = (0, 0, 0)
        for call in Self.kinds where counts[call] ?? 0 > 0 {
            for how in Self.hows(call) {
                for nth in Self.spread(counts[call] ?? 0) {
                    for times in [1, 0] {
                        let fault = Fault(call: call, nth: nth, how: how, times: times, path: path)
                        let run = try play(fault)
                        played += 1
                        // How many calls there are depends on how many records an index batch finds.
                        if run.calls[call] ?? 0 < nth { continue }
                        met += 1
                        let isBusy = run.lines.contains { $0.hasPrefix("busy: ") }
                        if isBusy {
                            pushedBack += 1
                            #expect(run.lines.contains("readable"), "\(fault): \(run.lines.suffix(5))")
                        }
                        let others = run.lines.filter {
                            $0.hasPrefix("failed: ") || $0.hasPrefix("stopped: ") || $0.hasPrefix("another: ")
                        }
                        #expect(others.isEmpty, "\(fault): \(others)")
                    }
                }
            }
        }
        print(
            "\(played) faults of the index, \(counts.filter { $0.value > 0 }): \(met) met, \(pushedBack) pushed back"
        )
        #expect(met * 2 > played && pushedBack > 0)
    }

    /// Files that do not open: said, and harmless.
    @Test(arguments: ["/keys/", "/views/index/"]) func eachOpenFails(path: String) throws {
        var refused = 0
        for nth in 1...2 {
            for code in [EIO, ENOSPC, EMFILE] {
                let scratch = ScratchLog()
                defer { try? FileManager.default.removeItem(atPath: scratch.directory + ".key") }
                let first = try TortureProcess.run("kept", store: scratch.directory, [2])
                let fault = Fault(call: "open", nth: nth, how: "\(code)", times: 1, path: path, now: true)
                let run = try TortureProcess.run(
                    "kept", store: scratch.directory, [4], environment: fault.environment)
                let said = run.lines.last ?? ""
                #expect(said.hasPrefix("not opened: ") || said == "closed", "\(fault): \(said)")
                if said.hasPrefix("not opened: ") { refused += 1 }
                try Self.check(scratch, first.lines + run.lines, "\(fault)")
            }
        }
        #expect(refused >= 3)
    }
}
