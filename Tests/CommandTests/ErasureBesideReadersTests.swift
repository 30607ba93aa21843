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
}
