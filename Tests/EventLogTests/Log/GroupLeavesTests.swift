import Seeded
import Testing
import Wire

@testable import EventLog

@Suite struct GroupLeavesTests {
    /// A tree and the tiles it completed.
    struct Grown {
        var tree = MerkleFrontier()
        var tiles: [String] = []

        mutating func append(_ leaf: Digest) {
            tree.append(leaf) { tiles.append("\($0) \($1) \($2)") }
        }

        mutating func append(chunk node: Digest) {
            tiles.append("1 \(tree.count >> 8) \(node)")
            tree.appendSubtree(node, height: LeafChunk.height) { tiles.append("\($0) \($1) \($2)") }
        }
    }

    /// Units of any size, some with fewer records than they said, over several transactions: tree and tiles are those
    /// of one leaf after the other, whoever hashes the chunks.
    @Test(arguments: 0..<12 as Range<UInt64>) func theTreeIsThatOfOneLeafAfterTheOther(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let hasher = LeafHasher()
        let thread = seed.isMultiple(of: 3) ? nil : BackgroundThread { hasher.run() }
        var (plain, grown) = (Grown(), Grown())
        var chunks = 0
        for _ in 0..<8 {
            var leaves = GroupLeaves(hasher)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let said = Int.random(in: 1...[4, 600, 2000].randomElement(using: &random)!, using: &random)
                leaves.expect(said)
                for _ in 0..<(Bool.random(using: &random) ? said : said / 2) {
                    let header = (0..<RecordHeader.byteCount).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    let index = plain.tree.count
                    header.withUnsafeBytes { bytes in
                        plain.append(RecordLeaf.hash(bytes))
                        leaves.append(bytes, at: index) { grown.append($0) }
                    }
                }
            }
            leaves.drain {
                grown.append($0)
            } chunk: {
                chunks += 1
                grown.append(chunk: $0)
            }
            #expect(grown.tree == plain.tree && grown.tree.root == plain.tree.root, "seed \(seed)")
            #expect(grown.tiles == plain.tiles, "seed \(seed)")
        }
        #expect(chunks > 0, "seed \(seed): nothing was hashed by chunk")
        hasher.stop()
        thread?.join()
    }

    /// The same through a log: large units with messages that it has already, between single events.
    @Test func largeUnitsAreWhatVerifyExpects() throws {
        let scratch = ScratchLog()
        let log = try scratch.create()
        var random = SplitMix64(seed: 7)
        var leaves: [Digest] = [try log.header(at: Position(1)).leafHash]
        for round in 0..<12 {
            let count = round.isMultiple(of: 3) ? 1 : Int.random(in: 200...1500, using: &random)
            let outcomes = try log.appendPatiently(
                (0..<count).map { number in
                    // Some are messages of the round before.
                    let id = number.isMultiple(of: 7) && round > 0 ? round - 1 : round
                    return Proposal(records: [
                        try Draft.record(
                            message: Draft.message(UInt64(id * 10_000 + number)), partA: [UInt8(round)])
                    ])
                })
            for outcome in outcomes {
                guard let appended = outcome.appended else { continue }
                leaves.append(try log.header(at: appended.first).leafHash)
            }
        }
        #expect(try log.head.root == MerkleTree.root(leaves))
        let report = try log.verify()
        #expect(report.isSound, "\(report)")
        log.close()
    }
}
