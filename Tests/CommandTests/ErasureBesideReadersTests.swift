import Foundation
import Synchronization
import Testing

/// Erasures through a server, while other processes verify, back up and view all the time.
@Suite struct ErasureBesideReadersTests {
    /// What a process said that did not end as it should.
    private final class Failures: Sendable {
        private let said = Mutex<[String]>([])
        func note(_ text: String) { said.withLock { $0.append(text) } }
        var all: [String] { said.withLock { $0 } }
    }

    @Test func everyProcessEndsWithARightAnswer() throws {
        let store = try DemoStore()
        let server = try ServeTests.Server(store)
        let stopping = Atomic<Bool>(false)
        let runs = Atomic<Int>(0)
        let (failures, done) = (Failures(), DispatchGroup())
        let path = store.path
        let backup = store.scratch.path("backup")
        let loops: [[String]] = [
            ["log", "verify"], ["backup", backup], ["log", "stat"],
            ["view", "--as", "dr-rowan", "--patient", DemoStore.patient],
        ]
        for arguments in loops {
            DispatchQueue.global().async(group: done) {
                while !stopping.load(ordering: .relaxed) {
                    do {
                        let run = try Command.run(arguments, store: path)
                        if run.status != 0 {
                            failures.note("\(arguments): \(run.status) \(run.out) \(run.err)")
                        }
                    } catch { failures.note("\(error)") }
                    runs.add(1, ordering: .relaxed)
                }
            }
        }
        for (day, patient) in ["ZZG01:G1043", "ZZG01:G1044", "ZZG01:G1042"].enumerated() {
            // Each of the loops has come round since the last one.
            let before = runs.load(ordering: .relaxed)
            while runs.load(ordering: .relaxed) < before + 2 * loops.count { usleep(10_000) }
            try store.expect(
                0, "erase", "--patient", patient, "--authority", "court order 7", "--approved-by",
                "privacy-1",
                "--approved-by", "guardian-1", "--now", "2018-03-0\(day + 1)T09:00:00Z")
        }
        stopping.store(true, ordering: .relaxed)
        done.wait()
        #expect(failures.all == [])
        #expect(try store.expect(0, "log", "verify").out.hasPrefix("Sound"))
        #expect(server.stop() == 0)
    }

    /// A verification stopped at one point after another of its run, an erasure through the server, and on with it: keys, rows and receipts
    /// that it read before are not those it reads after.
    @Test func aVerificationThatAnErasureMeetsAnywhereIsSound() throws {
        let store = try DemoStore()
        let patients = (0..<Self.moments).map { "P\($0)" }
        let records = patients.map { id in
            let patient = #"{"resourceType":"Patient","id":"\#(id)","name":[{"family":"Family \#(id)"}]}"#
            let result =
                #"{"resourceType":"Observation","id":"O\#(id)","status":"final","code":{"text":"weight"},"#
                + #""subject":{"reference":"Patient/\#(id)"},"valueString":"\#(id)"}"#
            return patient + "\n" + result + "\n"
        }
        let file = try store.scratch.write("more.ndjson", records.joined())
        try store.expect(0, "ingest", "--source", "ZZG01", file, "--now", "2018-02-06T08:00:00Z")
        let server = try ServeTests.Server(store)
        let began = ContinuousClock.now
        try store.expect(0, "log", "verify")
        let whole = ContinuousClock.now - began
        for (number, id) in patients.enumerated() {
            let verifying = try Command.Running(["log", "verify"], store: store.path)
            usleep(UInt32((whole * (number + 1) / patients.count) / .microseconds(1)))
            verifying.signal(SIGSTOP)
            // Where it was stopped with the keys' lock, the erasure waits for it.
            let erasing = try Command.Running(
                ["erase", "--patient", "ZZG01:\(id)", "--authority", "court order 7"]
                    + ["--approved-by", "privacy-1", "--approved-by", "guardian-1"]
                    + ["--now", "2018-03-01T09:\(10 + number):00Z"], store: store.path)
            for _ in 0..<200 where erasing.isRunning { usleep(5000) }
            verifying.signal(SIGCONT)
            let (erased, verified) = (try erasing.end(), try verifying.end())
            #expect(erased.status == 0, "\(id): \(erased.out)\(erased.err)")
            #expect(verified.status == 0, "\(id): \(verified.out)\(verified.err)")
        }
        #expect(server.stop() == 0)
    }

    private static let moments = 12
}
