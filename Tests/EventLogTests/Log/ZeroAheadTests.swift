import Seeded
import Testing

@testable import EventLog

@Suite struct ZeroAheadTests {
    /// A transaction and a chunk of zeros under way at once never meet, wherever the file ended when it was opened.
    @Test(arguments: 0..<20 as Range<UInt64>) func zerosAndATransactionNeverMeet(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let ahead: UInt64 = seed.isMultiple(of: 2) ? 64 << 20 : 1 << 20
        for _ in 0..<200 {
            let used = UInt64.random(in: 2...5000, using: &random) * 4096
            var state = ZeroAhead.State(
                limit: used + UInt64.random(in: 0...20, using: &random) * 4096, used: used)
            var (chunk, transaction): (Range<UInt64>?, Range<UInt64>?)
            for _ in 0..<50 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where chunk == nil:
                    chunk = state.nextChunk(ahead: ahead).map { $0..<($0 + ZeroAhead.chunk) }
                case 1:
                    if chunk != nil { (chunk, state.writing) = (nil, false) }
                case 2 where transaction == nil:
                    let reach = state.used + (4 << 20) + UInt64.random(in: 1...(1 << 16), using: &random)
                    if state.allows(reach: reach) { transaction = state.used..<reach }
                default:
                    guard let written = transaction else { continue }
                    state.used += UInt64.random(in: 0...UInt64(written.count) / 4096, using: &random) * 4096
                    transaction = nil
                }
                if let chunk, let transaction {
                    #expect(!chunk.overlaps(transaction), "seed \(seed): \(chunk), \(transaction)")
                }
            }
        }
    }

    /// Zeros before large commits would only be written twice; small ones find them again soon after.
    @Test func largeCommitsFindNoZeros() {
        let ahead: UInt64 = 64 << 20
        var state = ZeroAhead.State(limit: 1 << 20, used: 1 << 20)
        func commits(_ count: Int, of bytes: UInt64) -> Bool {
            for _ in 0..<count { state.committed(used: state.used + bytes) }
            _ = state.allows(reach: state.used + 1)
            return state.nextChunk(ahead: ahead) != nil
        }
        #expect(commits(10, of: 64 << 10))
        state.writing = false
        #expect(!commits(10, of: 1 << 20))
        #expect(commits(10, of: 64 << 10))
        state.writing = false
        // Pages that were free are used again: the file does not grow.
        #expect(commits(100, of: 0))
    }
}
