import EventLog
import Foundation
import LogModel
import Wire

/// Append calls whose records are sealed under keys made for them, so many that keys are made durable ahead again and again; and an index
/// that is written all the time. Where something fails: what still works, and what is said.
enum KeptRun {
    /// Slots that each call takes: a batch of keys is made at every second.
    private static let slots = Int(KeyLimits.batch / 2)

    static func run(store: String, count: Int) throws {
        let log = try TortureLog.open(store)
        let keys = try TortureKeys.open(store)
        try keys.setUsed(through: try log.maxKeySlot)
        TortureLog.arm()
        var acknowledged: [(position: Position, message: TortureMessage)] = []
        var indexFailed = false
        // Keys that are on the disk and in no memory.
        var unread: [KeySlot] = []
        for number in 1...UInt64(count) {
            let message = TortureMessage(client: 1, number: number)
            do throws(LogError) {
                let slot = try keys.reserve()
                unread.append(try keys.reserve())
                for _ in 2..<slots { _ = try keys.reserve() }
                let outcome = try append(log, try sealed(message, slot, keys))
                if let appended = outcome.appended {
                    acknowledged.append((appended.first, message))
                    say("\(appended.first.value) 1 \(number)")
                }
            } catch {
                say("\(word(error)): \(error)")
                afterwards(log, keys, unread, acknowledged)
                break
            }
            if log.indexFailure != nil { indexFailed = true }
        }
        if indexFailed || log.indexFailure != nil { say("index failed") }
        log.close()
        keys.close()
        say("closed")
    }

    /// - Throws: `busy` where it stays so.
    private static func append(_ log: EventLog, _ proposal: Proposal) throws(LogError) -> AppendOutcome {
        var tries = 0
        while true {
            do throws(LogError) { return try log.appendAndWait([proposal])[0] } catch {
                guard case .busy = error, tries < 100 else { throw error }
                tries += 1
                usleep(5_000)
            }
        }
    }

    private static func sealed(
        _ message: TortureMessage, _ slot: KeySlot, _ keys: KeyStore
    ) throws(LogError) -> Proposal {
        do { return try message.proposal(sealing: slot, keys) } catch let error as LogError {
            throw error
        } catch { throw .invalid(what: "\(error)") }
    }

    private static func word(_ error: LogError) -> String {
        switch error {
        case .stopped: "stopped"
        case .busy: "busy"
        case .lmdb: "failed"
        default: "another"
        }
    }

    private static func afterwards(
        _ log: EventLog, _ keys: KeyStore, _ unread: [KeySlot],
        _ acknowledged: [(position: Position, message: TortureMessage)]
    ) {
        do {
            for (position, message) in acknowledged {
                guard try message.isSealed(in: log.read(at: position), keys) else {
                    return say("wrong \(position)")
                }
            }
            for slot in unread { _ = try keys.key(slot) }
            say("readable")
        } catch { say("unreadable: \(error)") }
        if let reason = keys.stopReason { say("keys stopped: \(reason)") }
        do throws(LogError) {
            for _ in 0...2 * slots { _ = try keys.reserve() }
            say("again: a key")
        } catch { say("again \(word(error)): \(error)") }
    }
}
