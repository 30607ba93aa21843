import EventLog
import Foundation
import LMDB
import Seeded
import Testing
import Wire

@testable import Projections

@Suite struct WorkerTests {
    private let views = TemporaryFolder()

    private func source(_ count: Int, seed: UInt64 = 1) -> ListSource {
        let source = ListSource(identity: seed)
        grow(source, count, seed: seed)
        return source
    }

    private func grow(_ source: ListSource, _ count: Int, seed: UInt64 = 2) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<count {
            let isUpdate = Int.random(in: 0..<4, using: &random) > 0
            source.append(
                isUpdate ? .sourceUpdate : .receipt, part: [UInt8.random(in: 0..<5, using: &random)])
        }
    }

    private func expected(_ source: ListSource) throws -> [UInt8: UInt8] {
        let all = try source.records(
            after: .start, through: source.headPosition, maximumBytes: .max,
            wants: { $0.recordClass == .sourceUpdate })
        return all.records.reduce(into: [:]) { $0[$1.parts[0], default: 0] &+= 1 }
    }

    @Test func catchesUpAndGoesOnWhereItStopped() throws {
        let source = source(200)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        #expect(worker.position == .start)
        try worker.catchUp(to: Position(90))
        #expect(worker.position == Position(90))
        worker.stop()

        let again = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        #expect(again.position == Position(90))
        let before = source.readCount
        try again.catchUp(to: source.headPosition)
        #expect(source.readCount > before + 1, "batches are bounded")
        let read = try again.counts()
        #expect(read.position == source.headPosition)
        #expect(read.counts == (try expected(source)))
        again.stop()
    }

    @Test func followsTheLogOnItsOwnThread() async throws {
        let source = source(20)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        worker.start()
        worker.start()
        #expect(try worker.wait(until: Position(20), milliseconds: 10_000) == Position(20))
        grow(source, 50)
        #expect(try await worker.reach(Position(70), milliseconds: 10_000) >= Position(70))
        #expect(try worker.counts().counts == (try expected(source)))
        // Past the head: the wait ends with the time, and says how far it is.
        #expect(try await worker.reach(Position(71), milliseconds: 30) == Position(70))
        #expect(try worker.wait(until: Position(71), milliseconds: 30) == Position(70))
        worker.stop()
        #expect(throws: ProjectionError.self) { try worker.wait(until: Position(71), milliseconds: 10_000) }
    }

    @Test func aFaultStopsTheWorkerAndTellsWhoWaits() async throws {
        let source = source(10)
        let faulty = CountingProjection(batchBytes: 1, failsAt: source.append(part: [9]))
        let worker = try ProjectionWorker(faulty, views: views.path, source: source)
        worker.start()
        await #expect(throws: ProjectionError.record(Position(11), what: "as asked")) {
            try await worker.reach(Position(11), milliseconds: 10_000)
        }
        #expect(worker.failure != nil)
        #expect(try worker.counts().position == Position(10), "what was folded before stays")
        worker.stop()
    }

    @Test func aViewOfAnotherLogIsBuiltAnew() throws {
        let first = source(50, seed: 5)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: first)
        try worker.catchUp(to: first.headPosition)
        worker.stop()
        for other in [source(30, seed: 5), source(60, seed: 6)] {
            if other.headPosition.value == 60 { other.append(part: [1]) }
            let opened = try ProjectionWorker(CountingProjection(), views: views.path, source: other)
            if other.headPosition < first.headPosition { #expect(opened.position == .start) }
            try opened.catchUp(to: other.headPosition)
            #expect(try opened.counts().counts == (try expected(other)))
            opened.stop()
        }
    }

    @Test func aRebuildIsComparedAndSwappedWhileReadsGoOn() throws {
        let source = source(300)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        try worker.catchUp(to: Position(250))
        let old = worker.view
        let read = try old.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(ProjectionError) -> Position in
            let report = try worker.rebuild { _, _ in
                #expect(sched_getscheduler(0) == 5, "the fold of a rebuild steps aside: SCHED_IDLE")
            }
            #expect(sched_getscheduler(0) == 0)
            #expect(report == RebuildReport(position: Position(250), difference: nil, isSwapped: true))
            return try old.position(t)
        }
        #expect(read == Position(250))
        #expect(worker.view !== old)
        try worker.catchUp(to: source.headPosition)
        #expect(try worker.counts().counts == (try expected(source)))
        worker.stop()
        let again = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        #expect(again.position == source.headPosition)
        again.stop()
        let left = try FileManager.default.contentsOfDirectory(atPath: views.path).sorted()
        #expect(left == ["counting.v1", "counting.v1.1"])
    }

    @Test func oneRebuildAtATime() throws {
        let source = source(100)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        try worker.catchUp(to: source.headPosition)
        var refused: [ProjectionError] = []
        let report = try worker.rebuild { _, _ in
            do throws(ProjectionError) { _ = try worker.rebuild() } catch { refused.append(error) }
        }
        #expect(report.isSwapped && report.difference == nil)
        #expect(refused.first == .busy(what: "counting is being built anew already"), "\(refused)")
        #expect(try worker.rebuild().isSwapped, "and again afterwards")
        #expect(try worker.counts().counts == (try expected(source)))
        worker.stop()
    }

    @Test func aRebuildThatDiffersIsTold() throws {
        let source = source(100)
        let wrong = try ProjectionWorker(CountingProjection(skew: 1), views: views.path, source: source)
        try wrong.catchUp(to: source.headPosition)
        wrong.stop()
        let right = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        let kept = try right.rebuild(keepOldIfDifferent: true)
        #expect(kept.difference != nil && !kept.isSwapped)
        #expect(try right.counts().counts != (try expected(source)))
        let taken = try right.rebuild()
        #expect(taken.difference != nil && taken.isSwapped)
        #expect(try right.counts().counts == (try expected(source)))
        right.stop()
    }

    @Test func afterTheMachineStoppedInUseAViewIsBuiltAnew() throws {
        let source = source(40)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        try worker.catchUp(to: source.headPosition)
        worker.stop()
        let mark = views.path + "/counting.v1/in-use"
        #expect(!FileManager.default.fileExists(atPath: mark), "a clean stop leaves no mark")
        try "another boot".write(toFile: mark, atomically: true, encoding: .utf8)
        let again = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        #expect(again.position == .start)
        again.stop()
    }
}
