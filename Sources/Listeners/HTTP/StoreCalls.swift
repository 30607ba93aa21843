import NIOPosix
import Server

/// Where calls into the store run: they wait for the disk, so they have threads of their own, as many as may wait for one sync
/// together.
struct StoreCalls: Sendable {
    static let threads = 64

    let store: Store
    private let pool: NIOThreadPool

    init(_ store: Store) {
        self.store = store
        pool = NIOThreadPool(numberOfThreads: Self.threads)
        pool.start()
    }

    func run<T: Sendable>(_ body: @escaping @Sendable (Store) throws -> T) async throws -> T {
        let store = store
        return try await pool.runIfActive { try body(store) }
    }
}
