import Foundation

/// Allocations of this process, as the preloaded shim counts them.
enum Allocations {
    private typealias Count = @convention(c) () -> UInt

    private static let soFar: Count = {
        guard let symbol = dlsym(nil, "daybook_allocations_so_far") else {
            FileHandle.standardError.write(Data("AllocationShim is not preloaded\n".utf8))
            exit(2)
        }
        return unsafeBitCast(symbol, to: Count.self)
    }()

    /// Says how many allocations one of `count` things took, in the leanest round: what runs beside at times (an index written
    /// behind the log) is none of theirs.
    static func report(_ name: String, each count: Int, rounds: Int, _ round: () throws -> Void) rethrows {
        _ = soFar()
        var least = UInt.max
        for _ in 0..<rounds {
            let before = soFar()
            try round()
            least = min(least, soFar() - before)
        }
        print(name, Double(least) / Double(count))
    }
}
