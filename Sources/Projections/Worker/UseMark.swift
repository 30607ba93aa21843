import Foundation

/// The mark that a view without syncs is in use: the file `in-use` in its folder, with the machine's boot id.
///
/// A process that dies leaves its writes with the kernel, in order: the view stands. Only a machine that stopped since then
/// may have torn it, and then the boot id differs.
struct UseMark: Sendable {
    private let path: String

    init(folder: String) { path = folder + "/in-use" }

    /// Whether the view may be torn: marked by another boot.
    var isStale: Bool {
        guard let mark = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
        return mark != Self.bootID
    }

    func set() throws(ProjectionError) {
        do {
            try Self.bootID.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw .system(code: errno, operation: "write \(path)")
        }
        let file = open(path, O_RDONLY)
        defer { close(file) }
        guard file >= 0, fsync(file) == 0 else { throw .system(code: errno, operation: "fsync \(path)") }
    }

    /// Only after the environment was synced.
    func clear() { unlink(path) }

    private static let bootID =
        (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? "unknown"
}
