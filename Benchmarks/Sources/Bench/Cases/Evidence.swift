import Ciphers
import EventLog
import Foundation
import Synchronization
import Wire

/// Proofs made, checked and written as text for random records of a log of a million; and a verification that goes on where
/// it stopped half-way.
enum Evidence {
    static let records = 1_000_000
    static let proofs = 100_000
    static let coldProofs = 5000
    static let threads = 2

    private static let serve = "proof.serve"
    private static let cold = "proof.serve/cold"
    private static let resume = "verify.resume"

    static var benchmark: Benchmark {
        Benchmark(serve, cold, resume) { run in
            let bench = try BenchLog(run)
            defer { run.remove(bench.folder) }
            try fill(bench.log)
            let note = try bench.log.makeCheckpoint(try bench.keys.makeSigner())
            bench.close()
            let log = try EventLog(LogPaths(store: bench.folder), mode: .readOnly)
            defer { log.close() }
            // No tile is in memory yet: every proof hashes the headers of its own.
            let first = try served(coldProofs, log, note, seed: 1)
            run.line(cold) { Report.value(cold, first, unit: "proofs/s") }
            run.line(serve) {
                _ = try served(proofs, log, note, seed: 2)
                Report.value(serve, try served(proofs, log, note, seed: 3), unit: "proofs/s")
            }
            run.line(resume) { try measureResume(log, bench.folder + "/verify.state") }
        }
    }

    private static func fill(_ log: EventLog) throws {
        let part = [UInt8](repeating: 7, count: 200)
        let record = try SealedRecord(
            recordClass: .sourceUpdate, slotA: .firstFree, partA: part, hashA: SHA256.hash(part))
        let unit = [Proposal](repeating: Proposal(records: [record]), count: 1000)
        var left = records
        while left > 0 {
            do throws(LogError) {
                let outcomes = try log.appendAndWait(unit)
                left -= outcomes.count
            } catch {
                guard case .busy = error else { throw error }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }
    }

    /// Proofs a second, over all threads.
    private static func served(_ count: Int, _ log: EventLog, _ note: SignedNote, seed: UInt64) throws
        -> Double
    {
        let failure = Mutex<(any Error)?>(nil)
        let spent = seconds {
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                var numbers = SplitMix64(seed: seed &* 1000 &+ UInt64(thread))
                do {
                    for _ in 0..<count / threads {
                        let position = Position(UInt64(numbers.below(records)) + 1)
                        let text = try log.proof(of: position, under: note).bytes
                        precondition(text.count > 1000)
                    }
                } catch { failure.withLock { $0 = error } }
            }
        }
        if let failed = failure.withLock({ $0 }) { throw failed }
        return Double(count) / spent
    }

    /// Seconds of a whole run beside those of the rest of one that was stopped half-way.
    private static func measureResume(_ log: EventLog, _ state: String) throws {
        var options = VerifyOptions()
        let whole = try seconds {
            guard try log.verify(options).isSound else { throw Peer.Failure(description: "not sound") }
        }
        let reached = Mutex(UInt64(0))
        options.stateFile = state
        options.shouldStop = { reached.withLock { $0 } > UInt64(records / 2) }
        do {
            _ = try log.verify(options) { position in reached.withLock { $0 = max($0, position.value) } }
            throw Peer.Failure(description: "the run was not stopped")
        } catch LogError.stopped {}
        (options.start, options.shouldStop) = (.saved, { false })
        let rest = try seconds {
            guard try log.verify(options).records > UInt64(records) else {
                throw Peer.Failure(description: "the resumed run did not count everything")
            }
        }
        Report.value(resume, rest / whole, unit: "of a whole run's \(Report.plain(whole)) s, from half-way")
    }
}
