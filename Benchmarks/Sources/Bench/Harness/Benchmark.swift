/// One line of the report, or several that share what they set up.
struct Benchmark {
    /// The names of its lines, in the order in which they are printed.
    let names: [String]

    /// Runs it, and prints a line for each of the names asked for.
    let run: (Run) throws -> Void

    init(_ names: String..., run: @escaping (Run) throws -> Void) {
        self.names = names
        self.run = run
    }
}
