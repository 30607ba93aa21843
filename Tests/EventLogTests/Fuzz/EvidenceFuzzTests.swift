import EventLog
import Foundation
import Seeded
import Testing

/// Any bytes end in a record, a body, a note or a proof that writes the same again, or in an error. What tools/fuzz starts
/// from and what once failed is replayed; a failure of a mutation prints its seed.
@Suite struct EvidenceFuzzTests {
    static let key = NoteKey(name: "nobody", kind: .log, publicKey: [UInt8](repeating: 9, count: 32))!

    /// What is wrong with how bytes were read; nil where nothing is.
    static func fault(_ input: [UInt8]) -> String? {
        if let header = try? RecordHeader(parsing: input) {
            if header.encoded() != Array(input[..<RecordHeader.byteCount]) { return "another header" }
            if header.recordBytes > LogLimits.recordBytes { return "a header over the limit" }
        }
        if let body = try? Body.decode(input[...]) {
            let root = Commitment.root(a: body, b: nil)
            for index in 0..<body.count where body.disclosure(item: index)?.isProved(by: root) != true {
                return "item \(index) is not proved"
            }
        }
        if let note = try? SignedNote(parsing: input), note.bytes != input || note.isSigned(by: key) {
            return "another note, or one signed by nobody"
        }
        if let checkpoint = try? TreeCheckpoint(parsing: input), checkpoint.text != input {
            return "another checkpoint"
        }
        if let update = try? CheckpointUpdate(parsing: input), update.bytes != input {
            return "another update"
        }
        if let proof = try? RecordProof(parsing: input) {
            if (try? RecordProof(parsing: proof.bytes)) != proof { return "another proof" }
            if (try? proof.check(by: key)) != nil { return "a proof that nobody signed" }
        }
        return nil
    }

    static func seeds() throws -> [(name: String, bytes: [UInt8])] {
        try ["record", "proof"].flatMap { kind in
            let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "../../../tools/fuzz/seeds/\(kind)")
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
                ($0, [UInt8](try Data(contentsOf: folder.appending(path: $0))))
            }
        }
    }

    @Test func keptInputsAreReadSoundlyOrRefused() throws {
        let seeds = try Self.seeds()
        #expect(seeds.count >= 10)
        for (name, bytes) in seeds { #expect(Self.fault(bytes) == nil, "\(name)") }
        // The seeds are what they are meant to be: each kind is read by its reader.
        func bytes(_ name: String) throws -> [UInt8] { try #require(seeds.first { $0.name == name }?.bytes) }
        _ = try RecordHeader(parsing: try bytes("second"))
        _ = try Body.decode(try bytes("body")[...])
        _ = try SignedNote(parsing: try bytes("note"))
        _ = try TreeCheckpoint(parsing: try bytes("checkpoint"))
        _ = try CheckpointUpdate(parsing: try bytes("update"))
        #expect(try RecordProof(parsing: try bytes("proof")).items.count == 1)
        _ = try NoteKey(String(decoding: try bytes("key"), as: UTF8.self))
    }

    @Test(arguments: 0..<8) func mutationsAreReadSoundlyOrRefused(_ block: UInt64) throws {
        let seeds = try Self.seeds()
        for number in 0..<500 {
            let seed = block * 500 + UInt64(number)
            var random = SplitMix64(seed: seed)
            var input = seeds[number % seeds.count].bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) where !input.isEmpty {
                let at = Int.random(in: 0..<input.count, using: &random)
                let to = min(input.count, at + Int.random(in: 0...24, using: &random))
                switch Int.random(in: 0..<5, using: &random) {
                case 0: input[at] = UInt8.random(in: 0...255, using: &random)
                case 1: input.removeSubrange(at..<to)
                case 2: input.insert(contentsOf: input[at..<to], at: at)
                case 3: input.insert(10, at: at)
                default: input[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            #expect(Self.fault(input) == nil, "seed \(seed)")
        }
    }
}
