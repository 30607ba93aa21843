import ArgumentParser
import Intake
import Server
import Wire

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a store.",
        discussion: """
            Without --master-key it writes a new master key beside the store, in STORE.key, which only its owner may read: keep a \
            copy elsewhere, since without it nothing in the store can be read.
            """)

    @Flag(
        help: "For demonstrations and tests: commands say what time it is. Marked so in the store for good.")
    var simulatedClock = false

    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let now = try clock.instant()
        if now != nil, !simulatedClock {
            throw ValidationError("--now is for stores made with --simulated-clock")
        }
        // A simulated clock begins where any time that a command may say is still to come.
        let start = simulatedClock ? now ?? Instant(microseconds: 0) : nil
        try Store.create(
            at: store.path, simulatedClock: simulatedClock, now: start, masterKey: store.masterKeySource)
        let keyFile = store.masterKeySource == nil ? StorePaths(store.path).masterKey : nil
        store.answer(json: { json(keyFile) }, text: { text(keyFile) })
    }

    private func json(_ keyFile: String?) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("store", store.path)
            w.member("simulatedClock", simulatedClock)
            w.member("masterKey", ifPresent: keyFile)
        }
        return w.finish()
    }

    private func text(_ keyFile: String?) -> String {
        var lines = ["Made a store in \(store.path)."]
        if let keyFile {
            lines.append(
                "Its master key is in \(keyFile): keep a copy elsewhere; without it nothing can be read.")
        }
        if simulatedClock { lines.append("Its clock is simulated, and every answer from it will say so.") }
        return lines.joined(separator: "\n") + "\n"
    }
}
