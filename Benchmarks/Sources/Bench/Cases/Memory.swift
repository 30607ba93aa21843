import Foundation
import Projections
import Server
import Synchronization

/// How much memory of its own an import, a rebuild and a verification of the whole store take at most, each in a process of its own.
///
/// Counted is what only this process can give back (anonymous pages). Pages of the memory-mapped files are the kernel's
/// to drop; they are noted beside it.
enum Memory {
    static let patients = 1000
    static let versions = 300

    private static let importing = "memory.import"
    private static let rebuilding = "memory.rebuild"
    private static let verifying = "memory.verify"

    static var benchmark: Benchmark {
        Benchmark(importing, rebuilding, verifying) { run in
            let folder = try run.freshFolder("memory")
            defer { run.remove(folder) }
            try runChild(run, importing, folder)
            run.line(rebuilding) { try runChild(run, rebuilding, folder) }
            run.line(verifying) { try runChild(run, verifying, folder) }
        }
    }

    private static func runChild(_ run: Run, _ name: String, _ folder: String) throws {
        let peer = try Peer(CommandLine.arguments[0], ["--child", name, "--folder", folder])
        defer { peer.stop() }
        let mebibytes = try peer.ask("go")
        if run.wants(name) { Report.value(name, mebibytes, unit: "MiB") }
    }

    /// The other end of `runChild`: does the work when told to, and answers with the peak.
    static func child(_ name: String, folder: String) throws {
        FileHandle.standardOutput.write(Data("ready\n".utf8))
        guard readLine() != nil else { return }
        let run = Run(peers: PeerPrograms(folder: "", sources: ""), folder: folder, wanted: "")
        let peak = try PeakMemory.during {
            switch name {
            case importing: try PatientStore(run, patients: patients, versions: versions).close()
            case verifying:
                let report = try StoreVerification.run(at: folder + "/1-store/store")
                guard report.isSound else { throw Peer.Failure(description: "\(report)") }
            default:
                let store = try Store(at: folder + "/1-store/store")
                _ = try store.record.rebuild()
                store.close()
            }
        }
        FileHandle.standardOutput.write(Data("\(Double(peak) / 1024)\n".utf8))
    }
}

/// The most anonymous memory of this process, looked at every few milliseconds.
enum PeakMemory {
    /// KiB.
    static func during(_ body: () throws -> Void) throws -> Int {
        let watcher = Watcher()
        watcher.start()
        do { try body() } catch {
            _ = watcher.stop()
            throw error
        }
        return watcher.stop()
    }

    private final class Watcher: Sendable {
        private let isDone = Atomic<Bool>(false)
        private let peak = Atomic<Int>(0)
        private let ended = DispatchSemaphore(value: 0)

        func start() {
            Thread { [self] in
                while !isDone.load(ordering: .relaxed) {
                    peak.store(max(peak.load(ordering: .relaxed), PeakMemory.anonymous), ordering: .relaxed)
                    usleep(5000)
                }
                ended.signal()
            }.start()
        }

        func stop() -> Int {
            isDone.store(true, ordering: .relaxed)
            ended.wait()
            return peak.load(ordering: .relaxed)
        }
    }

    /// The most memory of any kind that this process has had so far, KiB.
    static var highWater: Int { status("VmHWM:") }

    private static var anonymous: Int { status("RssAnon:") }

    /// KiB, from /proc/self/status.
    private static func status(_ name: String) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) })
        else { return 0 }
        return Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0
    }
}
