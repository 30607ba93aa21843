import ArgumentParser
import EventLog
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

    @Option(
        help: ArgumentHelp(
            "The log's name in its signed checkpoints, for good: a URL without https:// (default: made from its key).",
            valueName: "name"))
    var origin: String?

    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let now = try clock.instant()
        if now != nil, !simulatedClock {
            throw ValidationError("--now is for stores made with --simulated-clock")
        }
        // A simulated clock begins where any time that a command may say is still to come.
        let start = simulatedClock ? now ?? Instant(microseconds: 0) : nil
        if let origin, NoteKey.isName(origin) == false {
            throw ValidationError("--origin: at most 255 bytes, without spaces and plus signs")
        }
        let key = try Store.create(
            at: store.path, simulatedClock: simulatedClock, now: start, masterKey: store.masterKeySource,
            origin: origin)
        let keyFile = store.masterKeySource == nil ? StorePaths(store.path).masterKey : nil
        store.answer(json: { json(keyFile, key) }, text: { text(keyFile, key) })
    }

    private func json(_ keyFile: String?, _ key: NoteKey) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("store", store.path)
            w.member("simulatedClock", simulatedClock)
            w.member("masterKey", ifPresent: keyFile)
            w.member("logKey", key.description)
            w.member("logKeyFingerprint", key.fingerprint)
        }
        return w.finish()
    }

    private func text(_ keyFile: String?, _ key: NoteKey) -> String {
        var lines = ["Made a store in \(store.path)."]
        if let keyFile {
            lines.append(
                "Its master key is in \(keyFile): keep a copy elsewhere; without it nothing can be read.")
        }
        lines.append("Its log signs with the key \(key), fingerprint \(key.fingerprint):")
        lines.append(
            "give it now to whoever will check evidence from this store (`daybook log key` prints it again).")
        if simulatedClock { lines.append("Its clock is simulated, and every answer from it will say so.") }
        return lines.joined(separator: "\n") + "\n"
    }
}
