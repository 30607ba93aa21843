import Ciphers
import Foundation
import Testing
import Wire

@testable import EventLog

/// What lies where a restore works, and manifests that no backup wrote.
@Suite struct RestoreTests {
    private let scratch = ScratchLog()
    private let folder: TemporaryFolder
    private var backup: String { folder.path + "/backup" }
    private var store: String { folder.path + "/store" }
    private var beside: String { store + ".restoring" }
    private let files = FileManager.default

    init() throws {
        folder = try TemporaryFolder()
        let keys = scratch.directory + "/keys"
        try files.createDirectory(atPath: keys, withIntermediateDirectories: true)
        try KeyStore.create(at: keys, master: try SecretKey.random(), mapBytes: 1 << 26).close()
        let log = try scratch.create()
        for n in 1...200 {
            _ = try log.appendAndWait([
                Proposal(records: [
                    try Draft.record(
                        stream: Draft.stream(1), slotA: .region,
                        partA: [UInt8](repeating: UInt8(n), count: 900))
                ])
            ])
        }
        var run = Backup(of: log, keys: keys, to: backup)
        run.segmentBytes = 50_000
        _ = try run.run()
        log.close()
    }

    private func restore(_ progress: () -> Void = {}) throws -> LogHead {
        try Restore(from: backup, to: store).run(mapBytes: 1 << 30, keyMapBytes: 1 << 26) { _, _ in progress()
        }
    }

    @Test(arguments: ["notes.txt", "store.key"]) func whatNoRestoreLeftIsLeftAlone(name: String) throws {
        for part in ["log", "keys"] {
            try files.createDirectory(atPath: beside + "/" + part, withIntermediateDirectories: true)
        }
        #expect(files.createFile(atPath: beside + "/" + name, contents: Data("mine".utf8)))
        #expect(throws: LogError.self) { try restore() }
        #expect(files.contents(atPath: beside + "/" + name) == Data("mine".utf8))
        #expect(!files.fileExists(atPath: store))
    }

    @Test func aFileInThePlaceIsLeftAlone() throws {
        #expect(files.createFile(atPath: beside, contents: Data("mine".utf8)))
        #expect(throws: LogError.self) { try restore() }
        #expect(files.contents(atPath: beside) == Data("mine".utf8))
    }

    @Test func anotherRestoreIsNotDisturbed() throws {
        var refused = 0
        let head = try restore {
            if refused > 0 { return }
            do { _ = try restore() } catch LogError.exists { refused += 1 } catch { Issue.record("\(error)") }
        }
        #expect(refused == 1)
        let log = try EventLog(LogPaths(store: store), options: ScratchLog.options())
        #expect(try log.head == head)
        log.close()
        #expect(!files.fileExists(atPath: beside))
    }

    @Test func keysThatWereLeftAreOverwritten() throws {
        let left = folder.path + "/another-name"
        try files.createDirectory(atPath: beside + "/keys/next", withIntermediateDirectories: true)
        for (n, name) in ["data.mdb", "next/data.mdb"].enumerated() {
            let path = beside + "/keys/" + name
            #expect(files.createFile(atPath: path, contents: Data(repeating: 7, count: 5000)))
            try files.linkItem(atPath: path, toPath: left + "\(n)")
        }
        _ = try restore()
        for n in 0..<2 { #expect(files.contents(atPath: left + "\(n)") == Data(repeating: 0, count: 5000)) }
    }

    @Test func keysOfARestoreThatFailsAreOverwritten() throws {
        let left = folder.path + "/another-name"
        let segment = try #require(
            try files.contentsOfDirectory(atPath: backup).filter { $0.hasPrefix("log-") }.max())
        try FileHandle(forUpdating: URL(filePath: backup + "/" + segment)).truncate(atOffset: 10)
        #expect(throws: LogError.self) {
            try restore { try? files.linkItem(atPath: beside + "/keys/data.mdb", toPath: left) }
        }
        let bytes = try #require(files.contents(atPath: left))
        #expect(!bytes.isEmpty && bytes.allSatisfy { $0 == 0 })
        #expect(!files.fileExists(atPath: beside) && !files.fileExists(atPath: store))
    }

    /// Its digest holds no secret: anybody can write one.
    @Test(arguments: [[1, .max, 1, 2], [1, 5, 5, 9], [1, 5, 7, 9], [1, .max, .max, .max]] as [[UInt64]])
    func aManifestOfSegmentsThatDoNotFollowIsRefused(bounds: [UInt64]) {
        var manifest = BackupManifest(store: .zero)
        manifest.segments = stride(from: 0, to: bounds.count, by: 2).map {
            .init(first: Position(bounds[$0]), last: Position(bounds[$0 + 1]), bytes: 1, root: .zero)
        }
        #expect(throws: LogError.self) { try BackupManifest(manifest.text, file: "MANIFEST") }
    }
}
