import EventLog
import Foundation
import Testing
import Wire

/// A map fills while records are put, or only when their transaction is committed: the list of free pages takes pages too.
@Suite struct FullMapTests {
    /// - Parameter pages: of the map, beyond what a new log needs: each ends in another place.
    @Test(arguments: 0..<16) func itRefusesAndGoesOnWhereverItFills(pages: Int) throws {
        let scratch = ScratchLog()
        var options = ScratchLog.options()
        (options.mapBytes, options.zeroAheadBytes) = ((192 << 10) + (pages << 12), 0)
        options.syncsEachCommit = false
        let log = try scratch.create(options: options)
        #expect(log.fullReason == nil)
        var number: UInt64 = 0
        var refusal: LogError?
        while refusal == nil, number < 2000 {
            number += 1
            do throws(LogError) { _ = try log.appendAndWait([try proposal(number)]) } catch {
                refusal = error
            }
        }
        guard case .full(let used, let map)? = refusal else {
            Issue.record("at message \(number): \(String(describing: refusal))")
            return
        }
        #expect(used > 0 && used <= map && map == UInt64(options.mapBytes))
        #expect(log.isWriting && log.stopReason == nil)
        #expect(log.fullReason == refusal)
        // It says the same again, and what was told is there.
        #expect(throws: LogError.self) { try log.appendAndWait([try proposal(number)]) }
        let head = try log.head.position
        #expect(head.value == number)
        #expect(TortureMessage(part: try log.read(at: head).partA)?.number == number - 1)
        log.close()
        options.mapBytes = 1 << 30
        let again = try scratch.open(options: options)
        defer { again.close() }
        #expect(try again.head.position == head)
        let taken = try again.appendAndWait([try proposal(number), try proposal(number - 1)])
        #expect(again.fullReason == nil)
        #expect(taken.map { $0.appended != nil } == [true, false])
        #expect(try again.verify().isSound)
    }

    private func proposal(_ number: UInt64) throws(LogError) -> Proposal {
        do { return try TortureMessage(client: 1, number: number).proposal() } catch {
            throw .invalid(what: "\(error)")
        }
    }
}
