import EventLog
import Foundation
import Testing
import Wire

/// The proof vectors of transparency-dev/merkle, right and wrong, where the corpora are at hand.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"] != nil))
struct MerkleVectorTests {
    /// Some have words in place of hashes: both sides (`tools/verify_evidence.py vectors`) answer for every one.
    struct Inclusion: Decodable {
        var leafIdx: UInt64
        var treeSize: UInt64
        var root: Data
        var leafHash: Data
        var proof: [Data]?
        var desc: String
        var wantErr: Bool
    }

    struct Consistency: Decodable {
        var size1: UInt64
        var size2: UInt64
        var root1: Data?
        var root2: Data?
        var proof: [Data]?
        var desc: String
        var wantErr: Bool
    }

    func vectors<V: Decodable>(_ kind: String, _: V.Type) throws -> [V] {
        let root = try #require(ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"]) + "/merkle/" + kind
        let files = try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".json") }
        #expect(files.count > 20)
        return try files.map { file in
            try JSONDecoder().decode(V.self, from: Data(contentsOf: URL(fileURLWithPath: root + "/" + file)))
        }
    }

    @Test func inclusion() throws {
        for v in try vectors("inclusion", Inclusion.self) {
            let holds = MerkleTree.verifyInclusion(
                index: v.leafIdx, size: v.treeSize, leaf: [UInt8](v.leafHash),
                proof: (v.proof ?? []).map { [UInt8]($0) }, root: [UInt8](v.root))
            #expect(holds == !v.wantErr, "\(v.desc)")
        }
    }

    @Test func consistency() throws {
        for v in try vectors("consistency", Consistency.self) {
            let holds = MerkleTree.verifyConsistency(
                size1: v.size1, size2: v.size2, proof: (v.proof ?? []).map { [UInt8]($0) },
                root1: [UInt8](v.root1 ?? Data()), root2: [UInt8](v.root2 ?? Data()))
            #expect(holds == !v.wantErr, "\(v.desc) \(v.size1) \(v.size2)")
        }
    }
}
