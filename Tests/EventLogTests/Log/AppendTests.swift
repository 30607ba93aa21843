import EventLog
import Testing
import Wire

@Suite struct AppendTests {
    let scratch = ScratchLog()

    @Test func recordsStandAtGaplessPositionsAndReadBack() throws {
        let log = try scratch.create()
        let b = try Draft.record(stream: Draft.stream(1), slotB: .region, partA: [4, 5], partB: [6])
        let outcome = try log.appendAndWait([
            Proposal(records: [try Draft.record(partA: [1]), b]),
            Proposal(records: [try Draft.record(partA: [2])]),
        ])
        #expect(outcome.map { $0.appended?.first } == [Position(2), Position(4)])
        #expect(outcome.map { $0.appended?.last } == [Position(3), Position(4)])
        let third = try log.read(at: Position(3))
        #expect(Array(third.partA) == [4, 5])
        #expect(Array(third.partB) == [6])
        #expect((third.header.batchIndex, third.header.batchCount) == (1, 2))
        #expect(try log.batchEnd(of: Position(2)) == Position(3))
        #expect(try log.batchEnd(of: .start) == .start)
        #expect(throws: LogError.notFound(what: "position #5")) { try log.read(at: Position(5)) }
        log.close()
    }

    @Test func theHeadsRootIsTheTreeOverTheHeaders() throws {
        let log = try scratch.create()
        for i in 0..<300 as Range<Int> {
            _ = try log.appendAndWait([Proposal(records: [try Draft.record(partA: [UInt8(i & 255)])])])
        }
        let leaves = try (1...301).map { try log.header(at: Position($0)).leafHash }
        #expect(try log.head.root == MerkleTree.root(leaves))
        log.close()
        let again = try scratch.open()
        #expect(try again.head.root == MerkleTree.root(leaves))
        _ = try again.appendAndWait([Proposal(records: [try Draft.record()])])
        #expect(try again.head.root == MerkleTree.root(leaves + [again.header(at: Position(302)).leafHash]))
        again.close()
    }

    @Test func theSameMessageIsADuplicateForGood() throws {
        let log = try scratch.create()
        func send(_ id: UInt64, digest: UInt64 = 0) throws -> AppendOutcome {
            try log.appendAndWait([
                Proposal(records: [try Draft.record(message: Draft.message(id, digest: digest))])
            ])[0]
        }
        let first = try send(1)
        #expect(try send(1) == .duplicate(of: Position(2), recordedAt: first.appended!.recordedAt))
        // Far enough for the first to be in the index environment.
        for i in 10..<500 as Range<UInt64> { #expect(try send(i).appended != nil) }
        #expect(try send(1) == .duplicate(of: Position(2), recordedAt: first.appended!.recordedAt))
        #expect(try send(1, digest: 5).appended?.sameIDOtherBytes == Position(2))
        #expect(try log.position(of: Draft.message(1)) == Position(2))
        #expect(try log.position(of: Draft.message(2)) == nil)
        log.close()
    }

    @Test func oneUnitsOwnDuplicatesAreFound() throws {
        let log = try scratch.create()
        let same = Proposal(records: [try Draft.record(message: Draft.message(1))])
        let other = Proposal(records: [try Draft.record(message: Draft.message(1, digest: 9))])
        let outcomes = try log.appendAndWait([same, same, other])
        let time = try log.time(of: Position(2))
        #expect(outcomes[1] == .duplicate(of: Position(2), recordedAt: time))
        #expect(outcomes[2].appended?.sameIDOtherBytes == Position(2))
        #expect(try log.head.position == Position(3))
        log.close()
    }

    @Test func conditionsSeeTheLogAsItStoodWhenTheUnitBegan() throws {
        let log = try scratch.create()
        let stream = Draft.stream(7)
        let fresh = Proposal(
            records: [try Draft.record(stream: stream)], conditions: [.expectedVersion(stream, .start)])
        // Both of one unit hold: neither sees the other.
        let both = try log.appendAndWait([fresh, fresh])
        #expect(both.map { $0.appended?.first } == [Position(2), Position(3)])
        #expect(
            try log.appendAndWait([fresh])[0]
                == .refused(.expectedVersion(stream, .start), movedAt: Position(3)))
        let receipt = try Draft.record(.receipt, flags: [], stream: stream)
        let guarded = Proposal(
            records: [receipt],
            conditions: [
                .classUnchanged(.regionFact, since: .start), .streamUnchanged(stream, since: Position(3)),
            ])
        #expect(try log.appendAndWait([guarded])[0].appended?.first == Position(4))
        // The receipt did not advance the stream.
        #expect(try log.appendAndWait([guarded])[0].appended?.first == Position(5))
        _ = try log.appendAndWait([Proposal(records: [try Draft.record(.regionFact, slotA: .region)])])
        #expect(
            try log.appendAndWait([guarded])[0]
                == .refused(.classUnchanged(.regionFact, since: .start), movedAt: Position(6)))
        #expect(try log.classHead(.regionFact) == Position(6))
        #expect(try log.streamHead(stream) == Position(3))
        log.close()
    }

    @Test func aStreamsSlotIsTheNewestThatTellsIt() throws {
        let log = try scratch.create()
        let stream = Draft.stream(1)
        #expect(try log.slot(of: stream) == nil)
        _ = try log.appendAndWait([Proposal(records: [try Draft.record(stream: stream, slotA: .region)])])
        #expect(try log.slot(of: stream) == nil)
        _ = try log.appendAndWait([
            Proposal(records: [
                try Draft.record(stream: stream, slotA: .region, slotB: KeySlot(9), partB: [1])
            ])
        ])
        #expect(try log.slot(of: stream) == KeySlot(9))
        _ = try log.appendAndWait([
            Proposal(records: [
                try Draft.record(flags: [.advancesStream, .foreignSlotA], stream: stream, slotA: KeySlot(12))
            ])
        ])
        #expect(try log.slot(of: stream) == KeySlot(9))
        #expect(try log.maxKeySlot == KeySlot(12))
        log.close()
        let again = try scratch.open()
        #expect(try again.slot(of: stream) == KeySlot(9))
        #expect(try again.maxKeySlot == KeySlot(12))
        again.close()
    }

    @Test func whatCannotBeTakenIsRefusedWhole() throws {
        let log = try scratch.create()
        #expect(throws: LogError.self) { try log.appendAndWait([Proposal(records: [])]) }
        #expect(throws: LogError.self) { try log.appendAndWait([try Draft.creation(simulated: true)]) }
        let late = try Draft.record(message: Draft.message(1))
        #expect(throws: LogError.self) {
            try log.appendAndWait([Proposal(records: [try Draft.record(), late])])
        }
        #expect(try log.head.position == Position(1))
        #expect(throws: LogError.self) { try Draft.record(slotA: .none) }
        log.close()
        #expect(throws: LogError.closed) { try log.appendAndWait([Proposal(records: [late])]) }
    }

    @Test func aLogBeginsWithItsCreation() throws {
        let log = try scratch.open()
        #expect(throws: LogError.self) { try log.appendAndWait([Proposal(records: [try Draft.record()])]) }
        #expect(try log.head == LogHead.empty)
        _ = try log.appendAndWait([try Draft.creation(simulated: false)])
        #expect(try log.isSimulated == false)
        log.close()
    }

    @Test func manyTasksAppendAtOnce() async throws {
        // Fewer records than four batches: however slow the disk, the index is never too far behind to go on.
        let log = try scratch.create(options: ScratchLog.options(segmentRecords: 128))
        let outcomes = try await withThrowingTaskGroup(of: [Position].self) { group in
            for task in 0..<16 as Range<UInt64> {
                group.addTask {
                    var mine: [Position] = []
                    for i in 0..<25 as Range<UInt64> {
                        let key = Draft.message(task * 1000 + i)
                        let unit = [
                            Proposal(records: [try Draft.record(stream: Draft.stream(task), message: key)])
                        ]
                        mine.append(try await log.append(unit)[0].appended!.first)
                    }
                    return mine
                }
            }
            return try await group.reduce(into: []) { $0.append(contentsOf: $1) }
        }
        #expect(outcomes.sorted() == (2...401).map { Position($0) })
        log.close()
    }
}
