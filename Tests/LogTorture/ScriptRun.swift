import EventLog
import Foundation
import LogModel
import Wire

/// Append calls one after another; when one fails, what still works: reading all that was acknowledged, here and now, and a
/// second append, which must say why it cannot be.
enum ScriptRun {
    static func run(store: String, count: Int) throws {
        let log = try TortureLog.open(store)
        TortureLog.arm()
        var acknowledged: [(position: Position, message: TortureMessage)] = []
        var number: UInt64 = 1
        for _ in 0..<count {
            let messages = (0..<(1 + number % 3)).map { TortureMessage(client: 1, number: number + $0) }
            do throws(LogError) {
                let outcomes = try log.appendAndWait(try proposals(messages))
                for (message, outcome) in zip(messages, outcomes) {
                    guard let appended = outcome.appended else { continue }
                    acknowledged.append((appended.first, message))
                    say("\(appended.first.value) 1 \(message.number)")
                }
            } catch {
                say("\(word(error)): \(error)")
                afterwards(log, acknowledged, proposals: try proposals(messages))
                break
            }
            number += UInt64(messages.count)
        }
        log.close()
        say("closed")
    }

    private static func proposals(_ messages: [TortureMessage]) throws(LogError) -> [Proposal] {
        do { return try messages.map { try $0.proposal() } } catch { throw .invalid(what: "\(error)") }
    }

    private static func word(_ error: LogError) -> String {
        switch error {
        case .stopped: "stopped"
        case .full: "full"
        default: "failed"
        }
    }

    private static func afterwards(
        _ log: EventLog, _ acknowledged: [(position: Position, message: TortureMessage)],
        proposals: [Proposal]
    ) {
        do {
            for (position, message) in acknowledged {
                guard TortureMessage(part: try log.read(at: position).partA) == message else {
                    return say("wrong \(position)")
                }
            }
            say("readable")
        } catch { say("unreadable: \(error)") }
        do throws(LogError) {
            _ = try log.appendAndWait(proposals)
            say("again: taken")
        } catch { say("again \(word(error)): \(error)") }
    }
}
