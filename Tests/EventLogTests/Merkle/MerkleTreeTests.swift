import Ciphers
import EventLog
import Testing
import Wire

@Suite struct MerkleTreeTests {
    /// The inputs and roots of the reference implementation of RFC 6962.
    static let inputs = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
    static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test func rootsAreThoseOfTheReference() throws {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(MerkleTree.root([]).hex == empty)
        var frontier = MerkleFrontier()
        for (input, root) in zip(Self.inputs, Self.roots) {
            frontier.append(MerkleTree.leafHash(try #require(Hex.decode(input))))
            #expect(frontier.root.hex == root)
        }
    }

    @Test func everyProofOfEveryTreeHoldsAndNoOtherDoes() {
        let leaves = (0..<70).map { MerkleTree.leafHash([UInt8($0)]) }
        let roots = (0...70).map { MerkleTree.root(Array(leaves.prefix($0))) }
        for size in [1, 2, 3, 7, 8, 9, 31, 33, 64, 70] {
            let tree = Array(leaves.prefix(size))
            for index in 0..<size {
                let proof = MerkleTree.inclusionProof(index, tree)
                func holds(_ leaf: Int, _ proof: [Digest]) -> Bool {
                    MerkleTree.verifyInclusion(
                        index: UInt64(index), size: UInt64(size), leaf: leaves[leaf], proof: proof,
                        root: roots[size])
                }
                #expect(holds(index, proof))
                #expect(!holds((index + 1) % 70, proof))
                #expect(!holds(index, proof + [Digest.zero]))
                if !proof.isEmpty { #expect(!holds(index, Array(proof.dropLast()))) }
            }
            for first in 1...size {
                let proof = MerkleTree.consistencyProof(first, tree)
                func holds(_ root1: Digest, _ proof: [Digest]) -> Bool {
                    MerkleTree.verifyConsistency(
                        size1: UInt64(first), size2: UInt64(size), proof: proof, root1: root1,
                        root2: roots[size])
                }
                #expect(holds(roots[first], proof))
                #expect(!holds(.zero, proof))
                #expect(!holds(roots[first], proof + [Digest.zero]))
            }
        }
    }
}
