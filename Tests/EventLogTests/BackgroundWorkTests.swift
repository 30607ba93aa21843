import Foundation
import Glibc
import Testing
import Wire

@testable import EventLog

@Suite struct BackgroundWorkTests {
    /// What Linux calls SCHED_OTHER and SCHED_IDLE.
    private static let (usual, idle): (Int32, Int32) = (0, 5)

    private struct Failure: Error, Equatable { var number: Int }

    @Test func runsOnAThreadThatStepsAsideAndSoDoThoseItStarts() {
        let caller = pthread_self()
        let policies = BackgroundWork.run { () -> [Int32] in
            #expect(pthread_equal(pthread_self(), caller) == 0)
            let cell = Monitor<Int32?>(nil)
            BackgroundThread { cell.withLock { $0 = sched_getscheduler(0) } }.join()
            return [sched_getscheduler(0), cell.withLock { $0 } ?? -1]
        }
        #expect(policies == [Self.idle, Self.idle])
        #expect(sched_getscheduler(0) == Self.usual)
    }

    /// A piece of half a turn: every other one ends a turn, on each thread by itself, and none where the work is ordinary.
    @Test func givesWayOncePerTurnAndOrdinaryWorkNever() {
        let pieces = { @Sendable in
            (0..<6).map { _ in BackgroundWork.giveWay(BackgroundWork.turn / 2) }
        }
        let turns = BackgroundWork.run { () -> [[Bool]] in
            _ = BackgroundWork.giveWay(1)
            let cell = Monitor<[Bool]>([])
            BackgroundThread { cell.withLock { $0 = pieces() } }.join()
            return [cell.withLock { $0 }, pieces()]
        }
        let everyOther = [false, true, false, true, false, true]
        #expect(turns == [everyOther, everyOther])
        let never = Array(repeating: false, count: 6)
        #expect(pieces() == never)
        let usual = Monitor<[Bool]>([])
        BackgroundThread { usual.withLock { $0 = pieces() } }.join()
        #expect(usual.withLock { $0 } == never)
    }

    @Test func throwsWhatTheWorkThrows() {
        #expect(throws: Failure(number: 7)) {
            try BackgroundWork.run { () throws(Failure) in throw Failure(number: 7) }
        }
    }

    /// Everything of a verification and a backup but what holds the keys' lock.
    @Test func verifyAndBackupStepAsideAndTheirCallerDoesNot() throws {
        let folder = try TemporaryFolder()
        let scratch = ScratchLog()
        let log = try scratch.create()
        defer { log.close() }
        for stream in UInt64(0)..<50 {
            _ = try log.appendAndWait([Proposal(records: [try Draft.record(stream: Draft.stream(stream))])])
        }
        let keys = scratch.directory + "/keys"
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
        try KeyStore.create(at: keys, master: .random(), mapBytes: 1 << 26).close()
        let seen = Monitor<[Int32]>([])
        #expect(try log.verify { _ in seen.withLock { $0.append(sched_getscheduler(0)) } }.problems.isEmpty)
        #expect(seen.withLock { Set($0) } == [Self.idle])
        var copying: Set<Int32> = []
        _ = try Backup(of: log, keys: keys, to: folder.path + "/backup").run { _, _ in
            copying.insert(sched_getscheduler(0))
        }
        #expect(copying == [Self.idle])
        #expect(sched_getscheduler(0) == Self.usual)
    }
}
