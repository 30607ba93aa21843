import EventLog
import Foundation
import Testing
import Wire

/// A process that appends is killed at some moment, several times over the same store: what it was told is durable
/// must be there, and the log must be sound. (A kill leaves what the kernel holds: it tests order, not disks.)
@Suite struct CrashTests {
    struct Acknowledged {
        var position: UInt64
        var id: UInt64
    }

    @Test func whatWasAcknowledgedSurvivesAKill() throws {
        let scratch = ScratchLog()
        var acknowledged: [Acknowledged] = []
        for round in 1...6 as ClosedRange<UInt64> {
            let fresh = try killedRun(scratch.directory, seed: round, afterLines: 150 + Int(round) * 90)
            #expect(!fresh.isEmpty)
            acknowledged += fresh
            let log = try scratch.open(options: ScratchLog.options(segmentRecords: 256))
            for said in acknowledged {
                let record = try log.read(at: Position(said.position))
                var reader = ByteReader(record.partA)
                #expect(try reader.u64() == said.id)
                let key = try #require(record.header.message)
                #expect(try log.position(of: key) == Position(said.position))
            }
            let report = try log.verify()
            #expect(report.isSound, "\(report.problems) \(report.indexProblems)")
            log.close()
        }
    }

    /// Runs the helper until it has said so many lines, and kills it.
    func killedRun(_ store: String, seed: UInt64, afterLines: Int) throws -> [Acknowledged] {
        let process = Process()
        process.executableURL = Self.helper
        process.arguments = [store, "\(seed)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var bytes = Data()
        while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < afterLines {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            bytes += more
        }
        kill(process.processIdentifier, SIGKILL)
        // What was said before the kill took hold counts too.
        bytes += pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        let whole = bytes[..<((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex - 1) + 1)]
        return String(decoding: whole, as: UTF8.self).split(separator: "\n").map { line in
            let numbers = line.split(separator: " ").map { UInt64($0) ?? 0 }
            return Acknowledged(position: numbers[0], id: numbers[1])
        }
    }

    /// `log-torture`, built beside the tests.
    static var helper: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("log-torture")
    }

    @Test func anotherProcessReadsBesideTheWriter() throws {
        let scratch = ScratchLog()
        let process = Process()
        process.executableURL = Self.helper
        process.arguments = [scratch.directory, "1"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        _ = pipe.fileHandleForReading.availableData
        // Someone must read on, or the writer waits for its output.
        pipe.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        let reader = try scratch.open(.readOnly, options: ScratchLog.options(segmentRecords: 256))
        #expect(throws: LogError.readOnly) {
            try reader.appendAndWait([try Draft.creation(simulated: false)])
        }
        #expect(throws: LogError.self) { try scratch.open() }
        for _ in 0..<20 {
            let before = try reader.head
            let after = try reader.wait(past: before.position, timeoutMicroseconds: 30_000_000)
            #expect(after.position > before.position)
            let newest = try reader.header(at: after.position)
            #expect(newest.recordedAt == after.recordedAt)
            #expect(try reader.classHead(.sourceUpdate) >= after.position)
            let key = try #require(newest.message)
            #expect(try reader.position(of: key) == after.position)
            #expect(try reader.streamHead(newest.stream) >= after.position)
        }
        let report = try reader.verify()
        #expect(report.isSound, "\(report.problems) \(report.indexProblems)")
        reader.close()
        pipe.fileHandleForReading.readabilityHandler = nil
    }
}
