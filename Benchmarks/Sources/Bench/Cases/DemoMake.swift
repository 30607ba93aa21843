import Foundation
import Server

/// The synthetic region made from its seed, in a process of its own: log records a second, and the memory it takes at most.
///
/// `DEMO_PATIENTS=100000 tools/bench demo.make` makes it of as many; it takes long.
enum DemoMake {
    private static let speed = "demo.make.rate"
    private static let memory = "demo.make.memory"
    /// With the pages of memory-mapped files that the kernel had no reason to drop.
    private static let resident = "demo.make.resident"

    private static var patients: Int {
        ProcessInfo.processInfo.environment["DEMO_PATIENTS"].flatMap(Int.init) ?? 1000
    }

    static var benchmark: Benchmark {
        Benchmark(speed, memory, resident) { run in
            let folder = try run.freshFolder("demo")
            defer { run.remove(folder) }
            let peer = try Peer(CommandLine.arguments[0], ["--child", speed, "--folder", folder])
            defer { peer.stop() }
            peer.patienceMilliseconds = Int32(240_000 + min(patients, 100_000) * 100)
            let rate = try peer.ask("speed")
            let anonymous = try peer.ask("memory")
            let all = try peer.ask("resident")
            if run.wants(speed) { Report.value(speed, rate, unit: "records/s, \(patients) patients") }
            if run.wants(memory) { Report.value(memory, anonymous, unit: "MiB, \(patients) patients") }
            if run.wants(resident) { Report.value(resident, all, unit: "MiB, \(patients) patients") }
        }
    }

    /// The other end: makes the region when the first question comes, and answers all three from it.
    static func child(folder: String) throws {
        FileHandle.standardOutput.write(Data("ready\n".utf8))
        guard readLine() != nil else { return }
        var records: UInt64 = 0
        var spent = 0.0
        let peak = try PeakMemory.during {
            let path = folder + "/store"
            try DemoMaker.create(at: path)
            let store = try Store(at: path, options: DemoMaker.options)
            var maker = DemoMaker(store: store, patients: patients, seed: DemoMaker.defaultSeed)
            spent = try seconds {
                while try maker.step() {}
                try PatientStore.catchUp(store)
            }
            records = try store.log.head.position.value
            store.close()
        }
        answer(Double(records) / spent)
        _ = readLine()
        answer(Double(peak) / 1024)
        _ = readLine()
        answer(Double(PeakMemory.highWater) / 1024)
    }

    private static func answer(_ value: Double) {
        FileHandle.standardOutput.write(Data("\(value)\n".utf8))
    }
}
