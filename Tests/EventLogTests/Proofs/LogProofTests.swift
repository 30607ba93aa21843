import Ciphers
import LMDB
import Testing
import Wire

@testable import EventLog

@Suite struct LogProofTests {
    let scratch = ScratchLog()

    static func signer(_ name: String = "log.example/test") throws -> CheckpointSigner {
        let (key, seed) = try NoteTests.key(name, .log, seed: 7)
        return CheckpointSigner(key: key, seed: seed)
    }

    /// Appends so many records, several in a commit.
    static func append(_ count: Int, to log: EventLog) throws {
        var left = count
        while left > 0 {
            let size = min(left, 37)
            let records = try (0..<size).map {
                try Draft.record(stream: Draft.stream(UInt64($0)), partA: [UInt8($0)])
            }
            try log.appendPatiently(records.map { Proposal(records: [$0]) })
            left -= size
        }
    }

    static func leaves(_ log: EventLog) throws -> [Digest] {
        try (1...(try log.head.position.value)).map { try log.header(at: Position($0)).leafHash }
    }

    @Test func proofsAreThoseOfTheWholeTree() throws {
        let log = try scratch.create()
        // Past two levels of tiles would take 65,536 records: see `theSecondLevelIsUsed`.
        try Self.append(900, to: log)
        let leaves = try Self.leaves(log)
        for size in [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 768, 900, 901] {
            let tree = Array(leaves.prefix(size))
            let head = UInt64(leaves.count)
            #expect(try log.proofs.root(size: UInt64(size), head: head) == MerkleTree.root(tree))
            for index in Set([0, 1, size / 3, size / 2, size - 2, size - 1, 255, 256]).filter({
                $0 >= 0 && $0 < size
            }) {
                let path = try log.inclusion(of: Position(UInt64(index + 1)), size: UInt64(size))
                #expect(path == MerkleTree.inclusionProof(index, tree), "\(index) of \(size)")
            }
            for old in Set([1, 2, size / 2, size - 1, size, 256]).filter({ $0 > 0 && $0 <= size }) {
                let path = try log.proofs.consistency(UInt64(old), size: UInt64(size), head: head)
                #expect(path == MerkleTree.consistencyProof(old, tree), "\(old) to \(size)")
            }
        }
        log.close()
    }

    @Test func theSecondLevelIsUsed() throws {
        let log = try scratch.create()
        let records = try (0..<66_200).map { _ in try Draft.record(partA: [1]) }
        _ = try log.appendAndWait([Proposal(records: records)])
        let leaves = try Self.leaves(log)
        let (size, root) = (leaves.count, MerkleTree.root(leaves))
        for index in [0, 1, 40_000, 65_535, 65_536, 66_199, 66_200] {
            let path = try log.inclusion(of: Position(UInt64(index + 1)), size: UInt64(size))
            #expect(
                MerkleTree.verifyInclusion(
                    index: UInt64(index), size: UInt64(size), leaf: leaves[index], proof: path, root: root))
        }
        for old in [1, 65_535, 65_536, 65_537, 66_000] {
            let path = try log.proofs.consistency(UInt64(old), size: UInt64(size), head: UInt64(size))
            #expect(
                MerkleTree.verifyConsistency(
                    size1: UInt64(old), size2: UInt64(size), proof: path,
                    root1: MerkleTree.root(Array(leaves.prefix(old))), root2: root))
            // Another older tree, by one leaf or by its size.
            var others = Array(leaves.prefix(old))
            others[old / 2] = .zero
            #expect(
                !MerkleTree.verifyConsistency(
                    size1: UInt64(old), size2: UInt64(size), proof: path, root1: MerkleTree.root(others),
                    root2: root))
            #expect(
                !MerkleTree.verifyConsistency(
                    size1: UInt64(old + 1), size2: UInt64(size), proof: path,
                    root1: MerkleTree.root(Array(leaves.prefix(old))), root2: root))
        }
        log.close()
    }

    @Test func checkpointsAreKeptAndProofsHoldUnderThem() throws {
        let signer = try Self.signer()
        let log = try scratch.create()
        try Self.append(300, to: log)
        let first = try log.makeCheckpoint(signer)
        #expect(try log.makeCheckpoint(signer) == first)
        try Self.append(500, to: log)
        let second = try log.makeCheckpoint(signer)
        #expect(try log.checkpointSizes() == [301, 801])
        #expect(try log.checkpointKey() == signer.key)
        #expect(try log.newestCheckpoint() == second)
        let old = try first.checkpoint(by: signer.key)
        #expect(try log.update(from: old.size, to: second).check(from: old, by: signer.key).size == 801)
        for note in [first, second] {
            for position in [1, 2, 256, 257, 300, 301] {
                let proof = try log.proof(of: Position(UInt64(position)), under: note)
                #expect(try RecordProof(parsing: proof.bytes) == proof)
                try proof.check(by: signer.key)
            }
        }
        #expect(throws: LogError.self) { try log.proof(of: Position(302), under: first) }
        let report = try log.verify()
        #expect(report.isSound && report.checkpoints == 2, "\(report.problems)")
        log.close()
        let reader = try scratch.open(.readOnly)
        #expect(try reader.newestCheckpoint() == second)
        try reader.proof(of: Position(5), under: second).check(by: signer.key)
        #expect(throws: LogError.readOnly) { try reader.makeCheckpoint(signer) }
        reader.close()
    }

    @Test func noProofIsGivenOutOfADamagedTree() throws {
        let signer = try Self.signer()
        let log = try scratch.create()
        try Self.append(600, to: log)
        let note = try log.makeCheckpoint(signer)
        let damage = VerifyTests()
        try damage.change(log, log.storage.records, damage.bytes(300)) { $0[100] ^= 1 }
        #expect(throws: LogError.self) { try log.proof(of: Position(300), under: note) }
        #expect(throws: LogError.self) { try log.proof(of: Position(301), under: note) }
        try log.proof(of: Position(5), under: note).check(by: signer.key)
        log.close()
    }

    /// Whoever can write the log can sign it anew and lay his own key beside that: the key store's is what checkpoints are held to.
    @Test func aKeyThatLiesBesideTheCheckpointsIsNotBelieved() throws {
        let signer = try Self.signer()
        let (otherKey, seed) = try NoteTests.key("log.example/test", .log, seed: 8)
        let log = try scratch.create()
        try Self.append(300, to: log)
        _ = try log.makeCheckpoint(CheckpointSigner(key: otherKey, seed: seed))
        try Self.append(300, to: log)
        #expect(try log.verify().isSound, "by itself it holds together")
        var options = VerifyOptions()
        for start in [VerifyOptions.Start.beginning, .newestCheckpoint] {
            (options.start, options.signer) = (start, signer.key)
            let report = try log.verify(options)
            #expect(report.from == .start && report.problems.contains { $0.position == Position(301) })
            #expect(
                report.problems.contains { $0.what.contains(signer.key.fingerprint) }, "\(report.problems)")
            options.signer = otherKey
            #expect(try log.verify(options).isSound)
        }
        #expect(throws: LogError.self) { try log.makeCheckpoint(signer) }
        #expect(try log.checkpointSizes() == [301] && log.checkpointKey() == otherKey)
        log.close()
    }

    @Test func nothingIsSignedThatDoesNotVerify() throws {
        let signer = try Self.signer()
        let log = try scratch.create()
        try Self.append(300, to: log)
        _ = try log.makeCheckpoint(signer)
        try Self.append(300, to: log)
        let damage = VerifyTests()
        try damage.change(log, log.storage.records, damage.bytes(400)) { $0[RecordHeader.byteCount] ^= 1 }
        let error = #expect(throws: LogError.self) { try log.makeCheckpoint(signer) }
        guard case .corrupt(Position(400), _) = error else {
            Issue.record("\(String(describing: error))"); return
        }
        #expect(try log.checkpointSizes() == [301])
        log.close()
    }

    /// What a witness would answer to a checkpoint's text.
    static func cosignature(of text: [UInt8], _ witness: NoteKey, _ seed: SecretKey) throws
        -> SignedNote.Signature
    {
        var stamp = ByteWriter()
        stamp.u64(1_700_000_000)
        let bytes = try Ed25519.sign(SignedNote.cosigned(text, at: 1_700_000_000), seed: seed)
        return SignedNote.Signature(name: witness.name, keyID: witness.id, bytes: stamp.bytes + bytes)
    }

    @Test func cosignaturesAreTakenOnlyWhereTheyHold() throws {
        let signer = try Self.signer()
        let (witness, seed) = try NoteTests.key("witness.example/w", .witness, seed: 9)
        let log = try scratch.create()
        let note = try log.makeCheckpoint(signer)
        func line(_ text: [UInt8]) throws -> SignedNote.Signature {
            try Self.cosignature(of: text, witness, seed)
        }
        #expect(throws: LogError.self) {
            try log.addCosignatures([try line(Array("other\n".utf8))], toCheckpointOf: 1, by: [witness])
        }
        #expect(throws: LogError.self) {
            try log.addCosignatures([try line(note.text)], toCheckpointOf: 1, by: [])
        }
        #expect(throws: LogError.self) {
            try log.addCosignatures([try line(note.text)], toCheckpointOf: 2, by: [witness])
        }
        for _ in 0..<2 {
            let result = try log.addCosignatures([try line(note.text)], toCheckpointOf: 1, by: [witness])
            #expect(result.added == [witness] && result.note.signatures.count == 2)
        }
        let kept = try #require(try log.newestCheckpoint())
        #expect(kept.isSigned(by: witness) && kept.isSigned(by: signer.key))
        #expect(try log.verify().isSound)
        log.close()
    }

    @Test func everyFlippedByteOfACheckpointIsFoundWhereItIs() throws {
        let signer = try Self.signer()
        let log = try scratch.create()
        try Self.append(10, to: log)
        _ = try log.makeCheckpoint(signer)
        try Self.append(10, to: log)
        let size = Digest.byteCount + (try log.makeCheckpoint(signer)).bytes.count
        let damage = VerifyTests()
        let checkpoints = try #require(log.storage.checkpoints)
        for offset in 0..<size {
            try damage.change(log, checkpoints, damage.bytes(21)) { $0[offset] ^= 0x04 }
            let report = try log.verify()
            #expect(
                report.firstBad == Position(21) && report.problemCount == 1,
                "byte \(offset): \(report.problems)")
            try damage.change(log, checkpoints, damage.bytes(21)) { $0[offset] ^= 0x04 }
        }
        let key = Digest.byteCount + signer.key.description.utf8.count
        for offset in 0..<key {
            try damage.change(log, checkpoints, damage.bytes(0)) { $0[offset] ^= 0x04 }
            #expect(try !log.verify().isSound)
            try damage.change(log, checkpoints, damage.bytes(0)) { $0[offset] ^= 0x04 }
        }
        #expect(try log.verify().isSound)
        log.close()
    }

    @Test func theSignerIsMadeOnceAndKept() throws {
        let folder = try TemporaryFolder()
        let master = try SecretKey.random()
        let keys = try KeyStore.create(at: folder.path, master: master)
        #expect(try keys.signer() == nil)
        let signer = try keys.makeSigner()
        #expect(signer.key.name.hasPrefix("daybook/"))
        #expect(try keys.makeSigner(origin: "other.example").key == signer.key)
        keys.close()
        let again = try KeyStore(at: folder.path, master: master, readOnly: true)
        let found = try #require(try again.signer())
        #expect(found.key == signer.key && found.seed.matches(signer.seed))
        again.close()
        // Another master key, and another file of keys: the same signer.
        let rotated = try KeyStore(at: folder.path, master: master)
        let fresh = try SecretKey.random()
        try rotated.rotate(to: fresh)
        #expect(try rotated.signer()?.key == signer.key)
        rotated.close()
        let last = try KeyStore(at: folder.path, master: fresh, readOnly: true)
        #expect(try last.signer()?.seed.matches(signer.seed) == true)
        last.close()
    }
}
