import Ciphers
import Foundation
import Seeded
import Testing
import Wire

@_spi(Torture) @testable import EventLog

@Suite struct BackupTests {
    let scratch = ScratchLog()
    let folder: TemporaryFolder
    let master: SecretKey
    var backup: String { folder.path + "/backup" }
    var keys: String { scratch.directory + "/keys" }

    init() throws {
        folder = try TemporaryFolder()
        master = try SecretKey.random()
        try FileManager.default.createDirectory(
            atPath: scratch.directory + "/keys", withIntermediateDirectories: true)
        try KeyStore.create(at: scratch.directory + "/keys", master: master, mapBytes: 1 << 26).close()
    }

    /// Appends records of random sizes in units of random sizes.
    private static func append(_ count: Int, to log: EventLog, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var left = count
        while left > 0 {
            let unit = min(left, Int.random(in: 1...40, using: &random))
            left -= unit
            let records = try (0..<unit).map { n in
                try Draft.record(
                    stream: Draft.stream(UInt64(n)),
                    slotA: KeySlot(UInt64.random(in: 3...500, using: &random)),
                    partA: (0..<Int.random(in: 1...3000, using: &random)).map { _ in
                        .random(in: 0...255, using: &random)
                    })
            }
            try log.appendPatiently([Proposal(records: records)])
        }
    }

    private func run(_ log: EventLog, segment: Int = 100_000, into path: String? = nil) throws
        -> Backup.Report
    {
        var run = Backup(of: log, keys: keys, to: path ?? backup)
        run.segmentBytes = segment
        return try run.run()
    }

    private func restored(_ name: String, from path: String? = nil) throws -> EventLog {
        let store = folder.path + "/" + name
        let head = try Restore(from: path ?? backup, to: store).run(mapBytes: 1 << 30, keyMapBytes: 1 << 26)
        let log = try EventLog(LogPaths(store: store), options: ScratchLog.options())
        #expect(try log.head == head)
        return log
    }

    private func expectSame(_ a: EventLog, _ b: EventLog) throws {
        let (left, right) = (try a.head, try b.head)
        #expect(left == right)
        var position = Position(1)
        while position <= left.position {
            let (mine, theirs) = (try a.read(at: position), try b.read(at: position))
            #expect(mine == theirs)
            position = position.next
        }
        #expect(try b.verify().isSound)
        let (mine, theirs) = (try a.stat(), try b.stat())
        #expect(
            mine.commits == theirs.commits && mine.tiles == theirs.tiles)
    }

    @Test func whatIsRestoredIsWhatWasThere() throws {
        let log = try scratch.create()
        try Self.append(1000, to: log, seed: 1)
        let report = try run(log)
        #expect(report.records == 1001 && report.segments > 5 && report.head.position == Position(1001))
        let again = try restored("store")
        try expectSame(log, again)
        // And it goes on.
        try Self.append(300, to: again, seed: 2)
        #expect(try again.verify().isSound)
        let opened = try KeyStore(
            at: folder.path + "/store/keys", master: master, mapBytes: 1 << 26)
        let original = try KeyStore(at: keys, master: master, mapBytes: 1 << 26)
        for slot in [1, 2, 3, 500, 1024] as [UInt64] {
            let key = try original.key(KeySlot(slot))
            #expect(try opened.key(KeySlot(slot)).matches(key))
        }
    }

    @Test func theNextBackupCopiesWhatIsNewAndHasAll() throws {
        let log = try scratch.create()
        var before = UInt64(1)
        for round in 0..<6 {
            let more = [0, 700, 1, 0, 256, 90][round]
            try Self.append(more, to: log, seed: UInt64(round))
            let report = try run(log)
            #expect(report.records == UInt64(more) + (round == 0 ? 1 : 0))
            before += UInt64(more)
            #expect(report.head.position == Position(before))
            let again = try restored("store-\(round)")
            try expectSame(log, again)
            again.close()
        }
    }

    @Test func checkpointsAreRestoredWithTheirSignatures() throws {
        let log = try scratch.create()
        let signer = try LogProofTests.signer()
        for round in 0..<3 {
            try Self.append(400, to: log, seed: UInt64(round))
            _ = try log.makeCheckpoint(signer)
        }
        let (witness, seed) = try NoteTests.key("witness.example/w", .witness, seed: 9)
        let line = try LogProofTests.cosignature(
            of: try #require(try log.newestCheckpoint()).text, witness, seed)
        let cosigned = try log.addCosignatures([line], toCheckpointOf: 1201, by: [witness]).note
        _ = try run(log)
        let again = try restored("store")
        #expect(try again.checkpointSizes() == [401, 801, 1201])
        #expect(try again.newestCheckpoint() == cosigned && again.checkpointKey() == signer.key)
        #expect(try again.verify().checkpoints == 3)
        #expect(try again.newestCheckpoint()?.isSigned(by: witness) == true)
        try again.proof(of: Position(77), under: cosigned).check(by: signer.key)
        // One that is made later goes with the next backup, although no record is new.
        try Self.append(5, to: log, seed: 9)
        _ = try run(log)
        _ = try log.makeCheckpoint(signer)
        #expect(try run(log).records == 0)
        #expect(try restored("later").checkpointSizes() == [401, 801, 1201, 1206])
        // A damaged one is not backed up.
        let checkpoints = try #require(log.storage.checkpoints)
        try VerifyTests().change(log, checkpoints, VerifyTests().bytes(801)) { $0[60] ^= 1 }
        #expect(throws: LogError.self) { try run(log) }
    }

    /// Backups were made before there were checkpoints to copy: their manifests have no such line.
    @Test func anOlderBackupWithoutCheckpointsIsRestoredAndGoneOnWith() throws {
        let log = try scratch.create()
        let signer = try LogProofTests.signer()
        try Self.append(500, to: log, seed: 1)
        _ = try log.makeCheckpoint(signer)
        _ = try run(log)
        try forgetCheckpoints()
        let old = try restored("old")
        #expect(try old.head == log.head && old.verify().isSound)
        #expect(try old.checkpointSizes().isEmpty && old.newestCheckpoint() == nil)
        // The store it makes signs again, and the next backup into the old folder has what the log has.
        try Self.append(30, to: old, seed: 2)
        let note = try old.makeCheckpoint(signer)
        try old.proof(of: Position(77), under: note).check(by: signer.key)
        #expect(try run(log).records == 0)
        #expect(try restored("later").checkpointSizes() == [501])
    }

    /// Makes the backup what one of then was.
    private func forgetCheckpoints() throws {
        let path = backup + "/MANIFEST"
        var manifest = try BackupManifest(String(contentsOfFile: path, encoding: .utf8), file: path)
        let kept = try #require(manifest.checkpoints)
        try FileManager.default.removeItem(atPath: backup + "/" + kept.name)
        manifest.checkpoints = nil
        #expect(!manifest.text.contains("checkpoints"))
        try manifest.text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test func itRunsWhileTheLogIsWritten() throws {
        let log = try scratch.create()
        try Self.append(200, to: log, seed: 1)
        let writing = BackgroundThread { try? Self.append(3000, to: log, seed: 2) }
        var heads: [LogHead] = []
        for round in 0..<5 {
            heads.append(try run(log).head)
            let again = try restored("store-\(round)")
            let head = try again.head
            #expect(try again.verify().isSound && head == heads.last)
            again.close()
        }
        writing.join()
        heads.append(try run(log).head)
        #expect(heads == heads.sorted { $0.position < $1.position } && heads.last?.position == Position(3201))
        try expectSame(log, try restored("last"))
    }

    @Test func aStoreThatIsOpenInTheProcessIsBackedUpWhileItMakesKeys() throws {
        let log = try scratch.create()
        try Self.append(100, to: log, seed: 1)
        let store = try KeyStore(at: keys, master: master, mapBytes: 1 << 26)
        try store.setUsed(through: KeySlot(500))
        let making = BackgroundThread { for _ in 0..<5000 { _ = try? store.reserve() } }
        for _ in 0..<4 { _ = try Backup(of: log, keys: store, to: backup).run() }
        try store.destroy([KeySlot(600)])
        making.join()
        _ = try Backup(of: log, keys: store, to: backup).run()
        try expectSame(log, try restored("store"))
        let again = try KeyStore(at: folder.path + "/store/keys", master: master, mapBytes: 1 << 26)
        let last = try store.key(KeySlot(5000))
        #expect(try again.key(KeySlot(5000)).matches(last) && again.isDestroyed(KeySlot(600)))
    }

    @Test func oneThatWasCutShortIsGoneOnWith() throws {
        let log = try scratch.create()
        try Self.append(400, to: log, seed: 1)
        _ = try run(log)
        try Self.append(800, to: log, seed: 2)
        // A copy of the folder at each segment's end is what a kill leaves there; the next segment's beginning comes with it.
        let copies = Monitor<[String]>([])
        var interrupted = Backup(of: log, keys: keys, to: backup)
        interrupted.segmentBytes = 100_000
        _ = try interrupted.run { copied, _ in
            let name = folder.path + "/cut-\(copied.value)"
            let copy = Process()
            copy.executableURL = URL(filePath: "/bin/cp")
            copy.arguments = ["-a", backup, name]
            try? copy.run()
            copy.waitUntilExit()
            FileManager.default.createFile(
                atPath: name + "/"
                    + BackupManifest.Segment(first: copied.next, last: copied.next, bytes: 0, root: .zero)
                    .name,
                contents: Data([0, 0, 1]))
            copies.withLock { $0.append(name) }
        }
        let names = copies.withLock { $0 }
        #expect(names.count > 5)
        for (index, name) in names.enumerated() {
            // What was whole before is good until then.
            let old = try restored("old-\(index)", from: name)
            #expect(try old.head.position == Position(401))
            old.close()
            let report = try run(log, into: name)
            #expect(report.records < 800 || index == 0, "\(report.records)")
            try expectSame(log, try restored("new-\(index)", from: name))
        }
    }

    @Test func anyChangedByteOfABackupIsFound() throws {
        let log = try scratch.create()
        try Self.append(60, to: log, seed: 3)
        _ = try log.makeCheckpoint(try LogProofTests.signer())
        _ = try run(log)
        let files = try FileManager.default.contentsOfDirectory(atPath: backup).filter { $0 != "lock" }
        #expect(files.count >= 4)
        for name in files {
            let path = backup + "/" + name
            let whole = try #require(FileManager.default.contents(atPath: path))
            #expect(!whole.isEmpty, "\(name)")
            // Every byte of the small files; of the log, and of the thousand keys, one in so many. Another bit from byte to byte.
            let step = whole.count > 4096 ? 331 : 1
            for at in [whole.count] + Array(stride(from: 0, to: whole.count, by: step)) {
                var bytes = whole
                if at == whole.count { bytes.removeLast() } else { bytes[at] ^= 1 << UInt8(at & 7) }
                try bytes.write(to: URL(filePath: path))
                let store = folder.path + "/damaged"
                #expect(throws: LogError.self, "\(name) at \(at)") {
                    _ = try Restore(from: backup, to: store).run(mapBytes: 1 << 28, keyMapBytes: 1 << 26)
                }
                #expect(!FileManager.default.fileExists(atPath: store), "nothing takes the store's place")
            }
            try whole.write(to: URL(filePath: path))
        }
        _ = try restored("whole")
    }

    @Test func anotherStoreOrHistoryIsRefused() throws {
        let log = try scratch.create()
        try Self.append(100, to: log, seed: 1)
        _ = try run(log)
        let other = ScratchLog()
        let stranger = try other.create()
        #expect(throws: LogError.self) { try run(stranger) }
        // A store restored from the first backup that went its own way.
        let fork = try restored("fork")
        try Self.append(50, to: log, seed: 2)
        try Self.append(60, to: fork, seed: 3)
        _ = try run(log)
        #expect(throws: LogError.self) { try run(fork) }
        #expect(throws: LogError.self) {
            try Restore(from: folder.path + "/nothing", to: folder.path + "/x").run()
        }
        #expect(throws: LogError.self) { try Restore(from: backup, to: folder.path + "/fork").run() }
    }

    @Test func keysThatWereDestroyedMeanwhileAreDestroyedInTheBackup() throws {
        let log = try scratch.create()
        try Self.append(50, to: log, seed: 1)
        let first = try run(log)
        let keyFiles = {
            try FileManager.default.contentsOfDirectory(atPath: backup).filter { $0.hasPrefix("keys-") }
        }
        let old = try #require(try keyFiles().first)
        let store = try KeyStore(at: keys, master: master, mapBytes: 1 << 26)
        try store.setUsed(through: KeySlot(500))
        let wrapped = Data(
            try #require(try store.storedEntry(KeySlot(77))).suffix(60))
        #expect(FileManager.default.contents(atPath: backup + "/" + old)?.range(of: wrapped) != nil)
        try store.destroy([KeySlot(77)])
        store.close()
        let second = try run(log)
        #expect(first.head == second.head && second.records == 0)
        #expect(try keyFiles().count == 1)
        for name in try FileManager.default.contentsOfDirectory(atPath: backup) {
            #expect(
                FileManager.default.contents(atPath: backup + "/" + name)?.range(of: wrapped) == nil,
                "\(name)")
        }
        _ = try restored("store")
        let again = try KeyStore(at: folder.path + "/store/keys", master: master, mapBytes: 1 << 26)
        #expect(throws: LogError.destroyed(slot: KeySlot(77))) { try again.key(KeySlot(77)) }
        _ = try again.key(KeySlot(78))
    }
}
