import Ciphers
import Foundation
import Testing
import Wire

@_spi(Torture) @testable import EventLog

/// Other processes read the keys while some are destroyed: each gives right answers to its end, none is cut short by the old file's
/// being overwritten under it, and none keeps an erasure waiting.
@Suite struct KeysReadMeanwhileTests {
    /// Reading one of them takes longer than destroying one does.
    private static let keys: UInt64 = 20_000
    private static let rounds = 12
    @Test(.timeLimit(.minutes(10))) func whoReadsMeanwhileGetsARightAnswer() throws {
        let folder = try TemporaryFolder()
        let path = try folder.folder("keys")
        let master = try MasterKey.create(file: path + ".key")
        let store = try KeyStore.create(at: path, master: master, mapBytes: 1 << 28)
        // However slow the machine is: a reader lets go of the file within a few entries.
        store.state.withLock { $0.wait = 60_000 }
        let slots = try (1...Self.keys).map { try store.reserve(for: KeyStoreTests.stream($0)) }
        let readers = (0..<UInt64(4)).map {
            TortureProcess.prepared("keys", store: path, [slots.last!.value, $0 % 2])
        }
        for (process, output) in readers {
            try process.run()
            #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "begun\n")
        }
        for round in 0..<Self.rounds {
            // Keys and joint keys are made meanwhile too.
            let doomed = slots[round * 1000]
            _ = try store.joint(of: [doomed, slots[round * 1000 + 1]])
            _ = try store.joint(of: [slots[round * 1000 + 2], slots[round * 1000 + 3]])
            for n in 0..<UInt64(2000) {
                _ = try store.reserve(for: KeyStoreTests.stream(1 << 32 + UInt64(round) << 16 + n))
            }
            try store.destroy([doomed])
            #expect(store.state.withLock { $0.hurried } == 0, "round \(round)")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path).sorted() == [
                    "data.mdb", "lock.mdb",
                ])
        }
        #expect(FileManager.default.createFile(atPath: path + ".stop", contents: nil))
        for (process, output) in readers {
            let said = String(
                decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(said)")
            #expect(said.hasSuffix(" times\n"), "\(said)")
        }
    }

    /// A process that stands still in the middle of a read keeps the old file from being overwritten for ten seconds. Then no key is in it any
    /// more, and when that process wakes it finds its way to the end of its read, drops what it read, and reads again.
    @Test func whoStandsStillInTheMiddleOfAReadGoesOn() throws {
        let folder = try TemporaryFolder()
        let path = try folder.folder("keys")
        let master = try MasterKey.create(file: path + ".key")
        let store = try KeyStore.create(at: path, master: master, mapBytes: 1 << 28)
        let slots = try (1...Self.keys).map { try store.reserve(for: KeyStoreTests.stream($0)) }
        let file = open(path + "/data.mdb", O_RDONLY)
        defer { close(file) }
        let entry = try #require(try store.storedEntry(slots[0]))
        let entries = slots.count + Int(slots[0].value) - 1
        let (process, output) = TortureProcess.prepared("stopped", store: path, [5000])
        try process.run()
        while try !Self.stands(process.processIdentifier) { usleep(1000) }
        try store.destroy([slots[0], slots[9000]])
        #expect(kill(process.processIdentifier, SIGCONT) == 0)
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(said)")
        #expect(
            said.hasSuffix(" entries, 2 times\n") && Int(said.prefix { $0.isNumber })! >= entries, "\(said)")
        // The old file, which has no name any more.
        var status = stat()
        #expect(fstat(file, &status) == 0 && status.st_nlink == 0)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        #expect(pread(file, &bytes, bytes.count, 0) == bytes.count)
        #expect(Data(bytes).range(of: Data(entry.suffix(60))) == nil)
        #expect(!bytes.allSatisfy { $0 == 0 }, "the way through it stayed")
    }

    /// Whether a process is stopped, as /proc says.
    private static func stands(_ process: Int32) throws -> Bool {
        try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8).contains(") T ")
    }
}
