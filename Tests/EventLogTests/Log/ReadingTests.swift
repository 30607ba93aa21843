import EventLog
import Testing
import Wire

@Suite struct ReadingTests {
    let scratch = ScratchLog()

    @Test func anInstantResolvesToTheLastPositionAtOrBeforeIt() throws {
        let log = try scratch.open()
        try log.simulate(now: Instant(microseconds: -5000))
        _ = try log.appendAndWait([try Draft.creation(simulated: true)])
        var times = [(Instant(microseconds: -5000), Position(1))]
        for (i, time) in ([-20, 0, 1, 700, 701, 900_000] as [Int64]).enumerated() {
            try log.simulate(now: Instant(microseconds: time))
            let records = [try Draft.record(), try Draft.record()]
            _ = try log.appendAndWait([Proposal(records: records)])
            times.append((Instant(microseconds: time), Position(UInt64(3 + 2 * i))))
        }
        for probe in [-5001, -5000, -4999, -21, -20, -1, 0, 1, 2, 699, 700, 701, 702, 1_000_000] as [Int64] {
            let expected = times.last { $0.0.microseconds <= probe }?.1 ?? .start
            #expect(try log.resolve(Instant(microseconds: probe)) == expected, "\(probe)")
        }
        #expect(try log.resolve(.distantPast) == .start)
        #expect(try log.resolve(.distantFuture) == log.head.position)
        log.close()
    }

    @Test func aScanShowsARangeInOrderWhateverItsBatches() throws {
        let log = try scratch.create()
        for i in 0..<100 as Range<UInt8> {
            _ = try log.appendAndWait([Proposal(records: [try Draft.record(partA: [i, i])])])
        }
        for batchBytes in [1, 500, 1 << 20] {
            var seen: [UInt8] = []
            let last = try log.scan(from: Position(11), through: Position(500), batchBytes: batchBytes) {
                (view) throws(LogError) in
                seen.append(view.copied().partA[0])
                return view.header.position == Position(90) ? .stop : .goOn
            }
            #expect(last == Position(90))
            #expect(seen == Array(9...88))
        }
        let none = try log.scan(from: Position(102), through: .init(.max)) { (_) throws(LogError) in .goOn }
        #expect(none == Position(101))
        log.close()
    }

    @Test func waitingEndsWithTheNextAppendOrTheTime() async throws {
        let log = try scratch.create()
        #expect(try log.wait(past: Position(1), timeoutMicroseconds: 1000).position == Position(1))
        async let heads: [Position] = {
            var seen: [Position] = []
            for await head in log.follow(after: .start) {
                seen.append(head.position)
                if head.position == Position(2) { break }
            }
            return seen
        }()
        _ = try await log.append([Proposal(records: [try Draft.record()])])
        #expect(try log.wait(past: Position(1)).position == Position(2))
        #expect(await heads.last == Position(2))
        log.close()
        #expect(try log.wait(past: Position(2)).position == Position(2))
    }

    @Test func readersSeeWhatTheWriterSeesThroughIndexBatches() throws {
        let log = try scratch.create()
        for i in 0..<400 as Range<UInt64> {
            let stream = Draft.stream(i % 11)
            _ = try log.appendAndWait([
                Proposal(records: [try Draft.record(stream: stream, message: Draft.message(i))])
            ])
            #expect(try log.streamHead(stream) == Position(i + 2))
            #expect(try log.position(of: Draft.message(i / 2)) == Position(i / 2 + 2))
        }
        #expect(try log.classHead(.sourceUpdate) == Position(401))
        #expect(try log.stat().streams <= 11)
        log.close()
    }
}
