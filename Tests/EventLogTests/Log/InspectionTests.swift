import LMDB
import Testing
import Wire

@testable import EventLog

/// `verify` of logs that do not open, from checkpoints, and from where it stopped.
@Suite struct InspectionTests {
    let scratch = ScratchLog()
    let damage = VerifyTests()

    func inspected(_ options: VerifyOptions = VerifyOptions()) throws -> VerifyReport {
        let inspection = try LogInspection(scratch.paths)
        defer { inspection.close() }
        return try inspection.verify(options)
    }

    @Test func aSoundLogIsSoundAndOneBesideItsWriterToo() throws {
        let log = try scratch.create()
        try damage.fill(log)
        log.close()
        let report = try inspected()
        #expect(report.isSound && report.indexesChecked && report.records == report.head.position.value)
    }

    /// Whatever byte of the newest record or the newest commit is wrong, the log does not open, and verify says where.
    @Test func aDamagedEndIsFoundWhereItIs() throws {
        let log = try scratch.create()
        try damage.fill(log)
        let head = try log.head
        let first = try log.resolve(Instant(microseconds: head.recordedAt.microseconds - 1)).next
        let size = try log.header(at: head.position).recordBytes
        log.close()
        func flip(_ table: (LogEnvironment) -> Database, _ key: [UInt8], _ offset: Int) throws {
            let storage = try LogEnvironment(
                path: scratch.paths.log, mapBytes: 1 << 30, readOnly: false, checkingFormat: false)
            defer { storage.environment.close() }
            try storage.environment.withWriteTransaction {
                (t: borrowing WriteTransaction) throws(LMDBError) -> Void in
                guard var value = try t.copy(table(storage), key) else { return }
                value[offset] ^= 0x20
                try t.put(table(storage), key, value)
            }
        }
        for offset in stride(from: 0, to: size, by: 3) {
            let key = damage.bytes(head.position.value)
            try flip({ $0.records }, key, offset)
            let report = try inspected()
            #expect(report.firstBad == head.position, "byte \(offset): \(report.problems)")
            #expect(report.trustworthyThrough == Position(first.value - 1))
            try flip({ $0.records }, key, offset)
        }
        for offset in 0..<CommitEntry.valueBytes {
            let key = damage.bytes(CommitEntry.key(head.recordedAt))
            try flip({ $0.commits }, key, offset)
            #expect(throws: LogError.self) { try scratch.open(.readOnly) }
            let report = try inspected()
            #expect(report.firstBad == first, "byte \(offset): \(report.problems)")
            try flip({ $0.commits }, key, offset)
        }
        for offset in 0..<4 {
            try flip({ $0.meta }, Array("format".utf8), offset)
            #expect(throws: LogError.self) { try scratch.open(.readOnly) }
            #expect(try !inspected().isSound)
            try flip({ $0.meta }, Array("format".utf8), offset)
        }
        #expect(try inspected().isSound)
    }

    /// Moves an entry to another key, and back.
    private func move(_ key: [UInt8], to other: [UInt8], of table: (LogEnvironment) -> Database) throws {
        let storage = try LogEnvironment(
            path: scratch.paths.log, mapBytes: 1 << 30, readOnly: false, checkingFormat: false)
        defer { storage.environment.close() }
        try storage.environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
            guard let value = try t.copy(table(storage), key) else { return }
            try t.delete(table(storage), key)
            try t.put(table(storage), other, value)
        }
    }

    /// One wrong bit of a record's key, the newest one's most of all, is found where the record should be, and verify ends.
    @Test func aWrongKeyIsNamedAndIsNoPlaceToReadOnTo() throws {
        let log = try scratch.create()
        try damage.fill(log)
        let head = try log.head.position.value
        log.close()
        for position in [head, head - 1, 5] {
            for bit in 0..<64 {
                let wrong = position ^ (1 << UInt64(bit))
                // Where another record lies there this is no flipped bit but a lost record.
                if (1...head).contains(wrong) { continue }
                let keys = (damage.bytes(position), damage.bytes(wrong))
                try move(keys.0, to: keys.1) { $0.records }
                let report = try inspected()
                #expect(
                    report.problems.contains { $0.position == Position(position) },
                    "\(position), bit \(bit): \(report.problems)")
                #expect(try report.records <= head && report.firstBad.map { $0.value <= position } == true)
                try move(keys.1, to: keys.0) { $0.records }
            }
        }
        #expect(try inspected().isSound)
    }

    @Test(arguments: [1, 3, 40])
    func aLostEndIsNamed(lost: Int) throws {
        let log = try scratch.create()
        try damage.fill(log)
        let head = try log.head.position.value
        let storage = log.storage
        try storage.environment.withWriteTransaction {
            (t: borrowing WriteTransaction) throws(LMDBError) -> Void in
            for position in (head - UInt64(lost) + 1)...head {
                _ = try t.delete(storage.records, damage.bytes(position))
            }
        }
        let report = try log.verify()
        let firstLost = Position(head - UInt64(lost) + 1)
        #expect(try report.firstBad.map { $0 <= firstLost } == true, "\(report.problems)")
        #expect(report.problems.contains { $0.position == firstLost }, "\(report.problems)")
        log.close()
    }

    // MARK: From a checkpoint

    @Test func fromTheCheckpointOnIsReadAndNoMore() throws {
        let signer = try LogProofTests.signer()
        let log = try scratch.create()
        try damage.fill(log)
        let size = try log.head.position
        _ = try log.makeCheckpoint(signer)
        try LogProofTests.append(300, to: log)
        var options = VerifyOptions()
        options.start = .newestCheckpoint
        let report = try log.verify(options)
        #expect(report.isSound && report.from == size && report.records == 300, "\(report.problems)")
        #expect(report.trustworthyThrough == report.head.position && !report.indexesChecked)
        // Damage behind it is found, damage before it is what a whole run is for.
        try damage.change(log, log.storage.records, damage.bytes(size.value + 7)) { $0[220 - 8] ^= 1 }
        #expect(try log.verify(options).firstBad == Position(size.value + 7))
        try damage.change(log, log.storage.records, damage.bytes(size.value + 7)) { $0[220 - 8] ^= 1 }
        try damage.change(log, log.storage.records, damage.bytes(50)) { $0[RecordHeader.byteCount] ^= 1 }
        #expect(try log.verify(options).isSound)
        #expect(try log.verify().firstBad == Position(50))
        // A checkpoint that does not hold is no place to begin at.
        let checkpoints = try #require(log.storage.checkpoints)
        try damage.change(log, checkpoints, damage.bytes(size.value)) { $0[50] ^= 1 }
        let whole = try log.verify(options)
        #expect(whole.from == .start && whole.firstBad == Position(50))
        log.close()
    }

    /// A record whose time cannot be read may belong to the commit before or to the next: no checkpoint between them is to blame.
    @Test func aBadRecordIsNamedAndNoCheckpointBesideIt() throws {
        let log = try scratch.create()
        let signer = try LogProofTests.signer()
        for count in [0, 3, 1, 4, 2] {
            try LogProofTests.append(count, to: log)
            _ = try log.makeCheckpoint(signer)
        }
        for run in 1...2 {
            for first in 1...(try log.head.position.value) - UInt64(run) + 1 {
                let positions = first..<first + UInt64(run)
                for position in positions {
                    try damage.change(log, log.storage.records, damage.bytes(position)) { $0[150] ^= 1 }
                }
                let report = try log.verify()
                #expect(report.problems.map(\.position.value) == Array(positions), "\(report.problems)")
                #expect(report.checkpoints == 5)
                for position in positions {
                    try damage.change(log, log.storage.records, damage.bytes(position)) { $0[150] ^= 1 }
                }
            }
        }
        log.close()
    }

    // MARK: Going on

    /// A run that stops anywhere and goes on says what one that did not stop says.
    @Test(arguments: [nil, 3000, 9000, 12_000] as [UInt64?])
    func aRunGoesOnWhereItStopped(bad: UInt64?) throws {
        let log = try scratch.create()
        for records in [2000, 5000, 7000] {
            try LogProofTests.append(records, to: log)
            _ = try log.makeCheckpoint(try LogProofTests.signer())
        }
        try log.index.flush(all: true)
        if let bad { try damage.change(log, log.storage.records, damage.bytes(bad)) { $0[150] ^= 1 } }
        let whole = try log.verify()
        #expect(whole.firstBad == bad.map { Position($0) })
        let file = VerifyStateFile(scratch.directory + "/verify.state")
        let head = try log.head
        for stop in [1, 2, 3] as [UInt64] {
            // What a run that ended after so many runs of records had written.
            var tree = try TreeCheck(log.storage, from: TreeCarry(head: head))
            var facts = IndexFacts(through: log.index.reach.position)
            for run in 0..<stop {
                let checked = try RecordCheck(
                    log.storage, first: Position(run * VerifyPass.run + 1),
                    last: Position((run + 1) * VerifyPass.run), indexedThrough: facts.through)
                try tree.take(checked)
                facts.add(checked.facts)
            }
            guard tree.carry.isClean else { continue }
            file.write(VerifyState(carry: tree.carry, facts: facts))
            let state = try #require(file.read())
            // The head is that of the run that goes on.
            var kept = state.carry
            kept.report.head = head
            #expect(kept == tree.carry)
            var options = VerifyOptions()
            (options.start, options.stateFile) = (.saved, file.path)
            let seen = Monitor<Position>(Position(UInt64.max))
            let rest = try log.verify(options) { position in seen.withLock { $0 = min($0, position) } }
            var expected = whole
            expected.resumedBehind = Position(stop * VerifyPass.run)
            #expect(rest == expected, "\(rest)")
            #expect(
                seen.withLock { $0 } > Position(stop * VerifyPass.run), "it went on, and did not begin anew")
            #expect(file.read() == nil, "a finished run leaves no state")
        }
        // A state that is damaged, or of another log, is passed over.
        var carry = TreeCarry(head: head)
        carry.frontier = MerkleFrontier(count: 4096, peaks: [.zero])
        carry.previous = RecordCheck.Entry(
            leaf: .zero, recordedAt: head.recordedAt, batchIndex: 0, batchCount: 1, isBad: false)
        file.write(VerifyState(carry: carry, facts: IndexFacts(through: .start)))
        var options = VerifyOptions()
        (options.start, options.stateFile) = (.saved, file.path)
        #expect(try log.verify(options) == whole)
        log.close()
    }
}
