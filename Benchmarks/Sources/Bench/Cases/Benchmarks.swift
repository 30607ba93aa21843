/// Every benchmark, in the order of a full run.
enum Benchmarks {
    static var all: [Benchmark] { [AppendBatch.benchmark, AppendSingle.benchmark] }
}
