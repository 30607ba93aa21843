import EventLog
import Foundation
import Testing
import Wire

/// The proof vectors of transparency-dev/merkle, right and wrong, where the corpora are at hand.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"] != nil))
struct MerkleVectorTests {
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

    /// Hashes of another length cannot even be said, so they count as refused.
    func digests(_ data: [Data]) -> [Digest]? {
        let found = data.compactMap { Digest($0) }
        return found.count == data.count ? found : nil
    }

    @Test func inclusion() throws {
        for v in try vectors("inclusion", Inclusion.self) {
            var holds = false
            if let root = Digest(v.root), let leaf = Digest(v.leafHash), let proof = digests(v.proof ?? []) {
                holds = MerkleTree.verifyInclusion(
                    index: v.leafIdx, size: v.treeSize, leaf: leaf, proof: proof, root: root)
            }
            #expect(holds == !v.wantErr, "\(v.desc)")
        }
    }

    @Test func consistency() throws {
        for v in try vectors("consistency", Consistency.self) {
            // Some right ones have words in place of hashes, which a Digest cannot be.
            if !v.wantErr, v.root1?.count != 32 || v.root2?.count != 32 { continue }
            var holds = false
            if let root1 = Digest(v.root1 ?? Data()), let root2 = Digest(v.root2 ?? Data()),
                let proof = digests(v.proof ?? [])
            {
                holds = MerkleTree.verifyConsistency(
                    size1: v.size1, size2: v.size2, proof: proof, root1: root1, root2: root2)
            }
            #expect(holds == !v.wantErr, "\(v.desc)")
        }
    }
}
