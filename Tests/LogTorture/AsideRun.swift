import EventLog
import Foundation
import LogModel
import Wire

/// Clients append, and beside them checkpoints are kept one after another. Once one cannot be kept nothing more may be appended: says whether
/// the log stood still from then on.
enum AsideRun {
    private static let clients: UInt64 = 4

    static func run(store: String, count: Int) throws {
        let log = try TortureLog.open(store)
        let keys = try TortureKeys.open(store)
        let signer = try keys.makeSigner(origin: "log.example/torture")
        TortureLog.arm()
        let running = DispatchGroup()
        for client in 0..<clients {
            running.enter()
            Thread.detachNewThread {
                send(log, client)
                running.leave()
            }
        }
        for _ in 0..<count {
            do throws(LogError) { _ = try log.makeCheckpoint(signer) } catch {
                guard case .stopped = error else {
                    say("aside: \(error)")
                    break
                }
                let head = try log.head
                usleep(100_000)
                say("aside \(error)")
                say(try log.head == head ? "still" : "moved from \(head.position)")
                break
            }
        }
        log.close()
        running.wait()
        keys.close()
        say("closed")
    }

    /// Until it cannot.
    private static func send(_ log: EventLog, _ client: UInt64) {
        var number: UInt64 = 1
        while true {
            do {
                let message = TortureMessage(client: client, number: number)
                guard let appended = try log.appendAndWait([try message.proposal()])[0].appended else {
                    return
                }
                say("\(appended.first.value) \(client) \(number)")
                number += 1
            } catch LogError.busy { usleep(1000) } catch { return }
        }
    }
}
