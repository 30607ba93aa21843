import Foundation
import LMDB
import Testing
import Wire

@testable import EventLog

@Suite struct OpeningTests {
    let scratch = ScratchLog()

    @Test func aSecondWriterIsRefused() throws {
        let log = try scratch.create()
        #expect(throws: LogError.self) { try scratch.open() }
        log.close()
        try scratch.open().close()
    }

    @Test func aReaderWithoutALogIsTold() throws {
        let error = #expect(throws: LogError.self) { try scratch.open(.readOnly) }
        #expect(error.map { if case .notFound = $0 { true } else { false } } == true)
    }

    @Test func aLogThatWasNeverClosedOpensWithAllItAcknowledged() throws {
        // Copied while open: what a crash would leave, but for the lock file.
        let copy = ScratchLog()
        do {
            let log = try scratch.create()
            for i in 0..<500 as Range<UInt64> {
                let record = try Draft.record(stream: Draft.stream(i % 7), message: Draft.message(i))
                _ = try log.appendAndWait([Proposal(records: [record])])
            }
            try FileManager.default.copyItem(atPath: scratch.directory, toPath: copy.directory)
            log.close()
        }
        let log = try copy.open()
        #expect(try log.head.position == Position(501))
        #expect(try log.streamHead(Draft.stream(499 % 7)) == Position(501))
        let again = try log.appendAndWait([Proposal(records: [try Draft.record(message: Draft.message(499))])]
        )
        #expect(again[0] == .duplicate(of: Position(501), recordedAt: try log.time(of: Position(501))))
        log.close()
    }

    /// A reader that looked at the head just before a writer appended and wrote its index: nothing is damaged.
    @Test func anIndexThatCameAfterTheHeadIsThisLogs() throws {
        let log = try scratch.create()
        let before = try log.head
        for i in 0..<10 as Range<UInt64> {
            _ = try log.appendAndWait([Proposal(records: [try Draft.record(stream: Draft.stream(i))])])
        }
        try log.index.flush(all: true)
        let index = try LogIndex.opened(
            log.index.environment, storage: log.storage, head: before, segmentRecords: 64, readOnly: true)
        #expect(index.reach.position == Position(11) && before.position == Position(1))
        // Past what the log has it is another's all the same.
        try log.storage.environment.withWriteTransaction {
            (t: borrowing WriteTransaction) throws(LMDBError) -> Void in
            try t.clear(log.storage.commits)
        }
        #expect(throws: LogError.self) {
            try LogIndex.opened(
                log.index.environment, storage: log.storage, head: before, segmentRecords: 64, readOnly: true)
        }
        log.close()
    }

    @Test func aMissingIndexIsBuiltAnew() throws {
        do {
            let log = try scratch.create()
            for i in 0..<300 as Range<UInt64> {
                _ = try log.appendAndWait([Proposal(records: [try Draft.record(message: Draft.message(i))])])
            }
            log.close()
        }
        try FileManager.default.removeItem(atPath: scratch.directory + "/views")
        let log = try scratch.open()
        #expect(try log.position(of: Draft.message(0)) == Position(2))
        #expect(try log.position(of: Draft.message(299)) == Position(301))
        log.close()
    }

    @Test func anotherLogsIndexIsNotBelieved() throws {
        let other = ScratchLog()
        for (place, id) in [(scratch, 1), (other, 2)] as [(ScratchLog, UInt64)] {
            let log = try place.create(simulated: false)
            _ = try log.appendAndWait([Proposal(records: [try Draft.record(message: Draft.message(id))])])
            log.close()
        }
        let mixed = LogPaths(log: scratch.paths.log, index: other.paths.index)
        let log = try EventLog(mixed, options: ScratchLog.options())
        #expect(try log.position(of: Draft.message(1)) == Position(2))
        #expect(try log.position(of: Draft.message(2)) == nil)
        log.close()
    }

    @Test func aClosedLogsFileEndsAtItsLastPage() throws {
        let log = try scratch.create()
        _ = try log.appendAndWait([
            Proposal(records: [try Draft.record(partA: [UInt8](repeating: 3, count: 50_000))])
        ])
        let used = try log.stat().usedBytes
        log.close()
        let size = try FileManager.default.attributesOfItem(atPath: scratch.paths.log + "/data.mdb")[.size]
        #expect(size as? UInt64 == used)
    }

    @Test func aFullMapLosesNothingAndSmallerUnitsGoOn() throws {
        var options = ScratchLog.options()
        options.mapBytes = 1 << 20
        let log = try scratch.create(options: options)
        let large = Proposal(records: [try Draft.record(partA: [UInt8](repeating: 1, count: 2 << 20))])
        let error = #expect(throws: LogError.self) { try log.appendAndWait([large]) }
        #expect(error.map { if case .full = $0 { true } else { false } } == true)
        let small = Proposal(records: [try Draft.record(message: Draft.message(4))])
        #expect(try log.appendAndWait([small])[0].appended?.first == Position(2))
        log.close()
        let again = try scratch.open()
        #expect(try again.appendAndWait([large])[0].appended?.first == Position(3))
        again.close()
    }
}
