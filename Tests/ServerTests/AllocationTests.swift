import Foundation
import Testing

#if DEBUG
    private let isDebugBuild = true
#else
    private let isDebugBuild = false
#endif

/// Allocations for each event and each read, counted in a process of its own and held to a bound.
///
/// A bound is what was counted when it was set and a twentieth more, for what threads do by chance. Whoever needs more raises it in the
/// same change, and says why; whoever saves lowers it. Counted in debug builds, which is what every test run makes; an optimised build
/// counts less.
@Suite(.enabled(if: isDebugBuild)) struct AllocationTests {
    static let bounds = [
        "seal": 6.3, "append": 2.47, "ingest": 402, "fold": 245, "as-of": 42.7, "view": 889,
    ]

    @Test func anEventAllocatesNoMoreThanItsBound() throws {
        let counted = try Self.counted()
        #expect(Set(counted.keys) == Set(Self.bounds.keys))
        for (name, bound) in Self.bounds.sorted(by: { $0.key < $1.key }) {
            let count = try #require(counted[name])
            #expect(count <= bound, "\(name): \(count) allocations")
            // So that a count of nothing, or a bound that is far off, is seen.
            #expect(count >= bound * 0.8, "\(name): \(count) allocations: lower the bound")
        }
    }

    private static func counted() throws -> [String: Double] {
        let built = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "allocations-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = built.appendingPathComponent("allocation-count")
        process.arguments = [folder.path]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "LD_PRELOAD": built.appendingPathComponent("libAllocationShim.so").path,
            "SWIFT_DETERMINISTIC_HASHING": "1",
        ]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        var counts: [String: Double] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { counts[String(words[0])] = Double(words[1]) }
        }
        return counts
    }
}
