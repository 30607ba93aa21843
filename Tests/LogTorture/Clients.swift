import EventLog
import Foundation
import LogModel
import Wire

/// Clients that send their messages in order, and say which position each was acknowledged at: "position client number".
/// After a kill each goes on behind the last that it was told of, so what had landed untold is sent twice.
enum Clients {
    static func run(store: String, starts: [UInt64]) throws -> Never {
        let log = try TortureLog.open(store)
        for (client, start) in starts.enumerated() {
            Thread.detachNewThread { send(log, UInt64(client), from: start) }
        }
        while true { sleep(60) }
    }

    private static func send(_ log: EventLog, _ client: UInt64, from start: UInt64) {
        var next = start
        while true {
            do {
                let count = 1 + next % 5
                let outcomes = try log.appendAndWait(
                    try (0..<count).map { try TortureMessage(client: client, number: next + $0).proposal() })
                var said: [String] = []
                for (i, outcome) in outcomes.enumerated() {
                    switch outcome {
                    case .appended(let a): said.append("\(a.first.value) \(client) \(next + UInt64(i))")
                    case .duplicate(let of, _): said.append("\(of.value) \(client) \(next + UInt64(i))")
                    case .refused: exit(3)
                    }
                }
                next += count
                say(said.joined(separator: "\n"))
            } catch LogError.busy { usleep(1000) } catch { exit(3) }
        }
    }
}
