import Ciphers
import Glibc
import Wire

/// The file that a run of `verify` keeps its state in: SHA-256 of what follows ‖ the state. Whatever is wrong with it, a run
/// begins anew; nothing else depends on it.
struct VerifyStateFile: Sendable {
    let path: String

    init(_ path: String) { self.path = path }

    func read() -> VerifyState? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        guard size > Digest.byteCount, size < 1 << 30 else { return nil }
        rewind(file)
        var bytes = [UInt8](repeating: 0, count: size)
        guard fread(&bytes, 1, size, file) == size else { return nil }
        let content = bytes[Digest.byteCount...]
        guard SHA256.hash(Array(content)) == Digest(bytes[..<Digest.byteCount]) else { return nil }
        return try? VerifyState(decoding: content)
    }

    /// Replaces the file whole. A failure is no more than a run that cannot be gone on from.
    func write(_ state: VerifyState) {
        let content = state.encoded
        let bytes = SHA256.hash(content).bytes + content
        let fresh = path + ".new"
        guard let file = fopen(fresh, "we") else { return }
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWritten, rename(fresh, path) == 0 else {
            unlink(fresh)
            return
        }
    }

    func remove() { unlink(path) }
}

/// Writes the state from time to time: every two seconds, or twenty times what writing it takes.
struct VerifyStateSaver: Sendable {
    private let file: VerifyStateFile
    private var next: Int64

    private static let microseconds: Int64 = 2_000_000

    init(_ file: VerifyStateFile) {
        self.file = file
        next = TimeSource.system.monotonic() + Self.microseconds
    }

    /// - Parameter isDue: whatever the time.
    mutating func save(_ carry: TreeCarry, _ facts: IndexFacts, isDue: Bool = false) {
        let start = TimeSource.system.monotonic()
        guard isDue || start >= next, carry.isClean else { return }
        file.write(VerifyState(carry: carry, facts: facts))
        let end = TimeSource.system.monotonic()
        next = end + max(Self.microseconds, 20 * (end - start))
    }
}
