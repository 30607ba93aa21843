/// Every benchmark, in the order of a full run.
enum Benchmarks {
    static var all: [Benchmark] {
        [
            AppendBatch.benchmark, AppendPipe.benchmark, AppendSingle.benchmark, AsOf.benchmark,
            AsOfDepth.benchmark, DemoMake.benchmark, Decide.benchmark, DecideDemo.benchmark,
            HL7Parse.benchmark,
            Import.benchmark, Rebuild.benchmark, BackupCopy.benchmark, Erase.benchmark,
            BackgroundLatency.benchmark, Memory.benchmark, Evidence.benchmark,
            HTTPReads.benchmark, MLLP.benchmark,
        ]
    }

    static var names: [String] { all.flatMap(\.names) }
}
