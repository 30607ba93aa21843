import Foundation
import LogModel
import Testing
import Wire

@testable import EventLog

/// No room: on the file system, and in the map.
@Suite struct FullDiskTests {
    /// A file system of a few megabytes that fills, and is then given more room. Only root may mount one.
    @Test(.enabled(if: geteuid() == 0, "mounting a small file system takes root"))
    func aFullFileSystemStopsTheWriterUntilThereIsRoom() throws {
        let disk = try SmallDisk(megabytes: 6)
        var acknowledged = Acknowledged()
        let run = try TortureProcess.run(
            "script", store: disk.path + "/store", [100_000], environment: ["TORTURE_ZEROS": "1048576"])
        acknowledged.add(run.lines)
        #expect(!acknowledged.positions.isEmpty)
        #expect(run.lines.contains { $0.hasPrefix("stopped: ") }, "\(run.lines.suffix(4))")
        #expect(run.lines.contains("readable"), "\(run.lines.suffix(4))")
        #expect(run.lines.last == "closed")
        // Still full: it opens for reading, and all is there.
        let paths = LogPaths(store: disk.path + "/store")
        let reader = try EventLog(paths, mode: .readOnly, options: ScratchLog.options())
        for (message, position) in acknowledged.positions {
            #expect(TortureMessage(part: try reader.read(at: position).partA) == message)
        }
        reader.close()
        try disk.resize(megabytes: 64)
        let log = try EventLog(paths, options: ScratchLog.options())
        try acknowledged.check(log, "with room again")
        let next = TortureMessage(client: 1, number: (acknowledged.last[1] ?? 0) + 1)
        #expect(try log.appendAndWait([try next.proposal()]).count == 1)
        log.close()
    }

    /// Zeros written ahead of the log are for speed: they leave a small disk to the read models and keys that lie on it too.
    @Test(.enabled(if: geteuid() == 0, "mounting a small file system takes root"))
    func aDiskWithLittleRoomIsNotFilledWithZeros() throws {
        let disk = try SmallDisk(megabytes: 24)
        let log = try EventLog(LogPaths(store: disk.path + "/store"))
        defer { log.close() }
        _ = try log.appendAndWait([try Draft.creation(simulated: false)])
        for number in 1...UInt64(200) {
            _ = try log.appendAndWait([try TortureMessage(client: 1, number: number).proposal()])
            let free = try FileManager.default.attributesOfFileSystem(forPath: disk.path)[.systemFreeSize]
            try #require((free as? Int ?? 0) >= 16 << 20, "at message \(number): \(String(describing: free))")
        }
    }

    /// The index lies on a disk of its own here: appends go on without it for a while, then say why not, and go on once there is room.
    @Test(.enabled(if: geteuid() == 0, "mounting a small file system takes root"))
    func anIndexWithoutRoomIsWrittenOnceThereIs() throws {
        let scratch = ScratchLog()
        let disk = try SmallDisk(megabytes: 1, at: scratch.directory + "/views")
        let log = try scratch.create()
        defer {
            log.close()
            withExtendedLifetime(disk) {}
        }
        var number: UInt64 = 0
        func append() throws {
            number += 1
            try log.appendPatiently([try TortureMessage(client: 1, number: number).proposal()])
        }
        while log.indexFailure == nil, number < 100_000 { try append() }
        #expect(log.indexFailure != nil)
        var refusal: (any Error)?
        while refusal == nil, number < 200_000 {
            number += 1
            do {
                _ = try log.appendAndWait([try TortureMessage(client: 1, number: number).proposal()])
            } catch { refusal = error }
        }
        #expect(refusal as? LogError == .busy(retryAfterMilliseconds: 1000))
        try disk.resize(megabytes: 64)
        for _ in 0..<600 where log.indexFailure != nil { usleep(100_000) }
        #expect(log.indexFailure == nil)
        try append()
        try log.index.flush(all: true)
        #expect(try log.verify().isSound)
    }

    /// A full map refuses the call, says so, and the log goes on; a larger map at the next start takes it.
    @Test func aFullMapRefusesUntilItIsRaised() throws {
        let scratch = ScratchLog()
        let run = try TortureProcess.run(
            "script", store: scratch.directory, [100_000], environment: ["TORTURE_MAP": "\(4 << 20)"])
        var acknowledged = Acknowledged()
        acknowledged.add(run.lines)
        #expect(!acknowledged.positions.isEmpty)
        #expect(run.lines.contains { $0.hasPrefix("full: ") }, "\(run.lines.suffix(4))")
        #expect(run.lines.contains("readable"), "\(run.lines.suffix(4))")
        #expect(run.lines.contains { $0.hasPrefix("again full: ") }, "\(run.lines.suffix(4))")
        let log = try scratch.open()
        try acknowledged.check(log, "with a larger map")
        let next = TortureMessage(client: 1, number: (acknowledged.last[1] ?? 0) + 1)
        #expect(try log.appendAndWait([try next.proposal()]).count == 1)
        log.close()
    }
}

/// A tmpfs of a given size, unmounted when let go of.
private final class SmallDisk {
    let path: String

    init(megabytes: Int, at place: String? = nil) throws {
        path = place ?? NSTemporaryDirectory() + "daybook-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Self.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
    }

    func resize(megabytes: Int) throws {
        try Self.run("mount", ["-o", "remount,size=\(megabytes)m", path])
    }

    deinit {
        try? Self.run("umount", [path])
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func run(_ command: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command) \(arguments)")
    }
}
