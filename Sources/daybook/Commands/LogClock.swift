import ArgumentParser
import Intake
import Server
import Wire

struct LogClockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "What the log's clock says, and how far it holds back the machine's.",
        discussion: """
            The log follows the machine's clock, but not where it jumps forward by more than an hour, or stands more than a year past the \
            newest record at the start: what is recorded too late is there for good. --accept says that the machine's clock is right. Look at \
            it first.
            """)

    @Flag(help: "The machine's clock is right: follow it. That is recorded.")
    var accept = false

    @OptionGroup var actor: ActorOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let (before, reading) = try store.withStore { store in
            let before = accept ? try store.acceptClock(asker: actor.asker) : nil
            return (before, try store.clockReading())
        }
        store.answer(json: { json(reading, before) }, text: { text(reading, before) })
    }

    private func json(_ reading: Store.ClockReading, _ accepted: Int64?) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("clock", reading.believed.rfc3339)
            w.member("heldBackMicroseconds", reading.heldBack)
            w.member("simulatedClock", reading.isSimulated)
            if let accepted { w.member("acceptedMicroseconds", accepted) }
        }
        return w.finish()
    }

    private func text(_ reading: Store.ClockReading, _ accepted: Int64?) -> String {
        if reading.isSimulated { return "\(reading.believed) (a simulated clock)\n" }
        var lines = ["\(reading.believed)"]
        if reading.heldBack > 0 {
            lines.append(
                "The machine's clock is \(reading.heldBack / 1_000_000) s ahead of that, and is not followed: "
                    + "`daybook log clock --accept` if it is right.")
        } else if let accepted, accepted > 0 {
            lines.append(
                "The machine's clock is followed again: it had been \(accepted / 1_000_000) s ahead.")
        } else {
            lines.append("The machine's clock is followed.")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
