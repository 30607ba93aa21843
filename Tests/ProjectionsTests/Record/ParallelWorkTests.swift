import EventLog
import Glibc
import Synchronization
import Testing

@testable import Projections

@Suite struct ParallelWorkTests {
    /// Taken in order, and never more than so many begun before those ahead of them were taken.
    @Test(arguments: [1, 2, 5, 1000]) func keepsOrderAndBound(ahead: Int) throws {
        let begun = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let takenSoFar = Atomic<Int>(0)
        var taken: [Int] = []
        try ParallelWork.flow(
            count: 300, ahead: ahead,
            make: { (index) throws(ProjectionError) -> Int in
                let count = begun.add(1, ordering: .sequentiallyConsistent).newValue
                let open = count - takenSoFar.load(ordering: .sequentiallyConsistent)
                most.store(max(open, most.load(ordering: .relaxed)), ordering: .relaxed)
                return index * 3
            },
            { (flow) throws(ProjectionError) in
                while let piece = try flow.next() {
                    // Whoever makes pieces has time to begin too many of them.
                    if taken.count % 50 == 0 { usleep(5000) }
                    taken.append(piece)
                    takenSoFar.store(taken.count, ordering: .sequentiallyConsistent)
                }
            })
        #expect(taken == (0..<300).map { $0 * 3 })
        // The piece just taken is counted as open until `taken` says so.
        #expect(most.load(ordering: .relaxed) <= ahead + 1)
        #expect(begun.load(ordering: .relaxed) == 300)
    }

    @Test func theFirstFailureInOrderIsThrownAndNothingHangs() {
        #expect(throws: ProjectionError.damaged(what: "7")) {
            try ParallelWork.flow(
                count: 50, ahead: 3,
                make: { (index) throws(ProjectionError) -> Int in
                    if index == 7 || index == 9 { throw .damaged(what: "\(index)") }
                    return index
                },
                { (flow) throws(ProjectionError) in while try flow.next() != nil {} })
        }
    }

    @Test func whoeverTakesMayStopEarly() throws {
        var first: Int?
        try ParallelWork.flow(
            count: 50, ahead: 2, make: { (index) throws(ProjectionError) -> Int in index },
            { (flow) throws(ProjectionError) in first = try flow.next() })
        #expect(first == 0)
    }
}
