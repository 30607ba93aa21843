import ArgumentParser
import Intake
import Server

struct QuarantineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Messages that could not be taken: kept whole, with their reason.",
        subcommands: [QuarantineList.self, QuarantineShow.self, QuarantineRetry.self])
}

struct QuarantineList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Those that nothing has closed yet, oldest first. Reading them is itself recorded.")

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let now = try clock.instant()
        let all = try store.withStore(now: now) { try $0.quarantine(asker: actor.asker) }
        store.answer(json: { json(all) }, text: { text(all) })
    }

    private func json(_ all: [Store.Quarantined]) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.key("items")
            w.array { w in for one in all { w.object { w in one.write(into: &w) } } }
        }
        return w.finish()
    }

    private func text(_ all: [Store.Quarantined]) -> String {
        if all.isEmpty { return "Nothing is in quarantine.\n" }
        return all.map { one in
            """
            \(one.id)  from \(one.entry.source), \(one.place), recorded \(one.recordedAt)
                \(PlainText.line(one.entry.reason))

            """
        }.joined()
    }
}

struct QuarantineShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One of them: why it could not be taken, and its bytes exactly as sent. Leaves a receipt.",
        discussion: "For users of the organisation that sent it, and for those who audit the region.")

    @Argument(help: ArgumentHelp("As `quarantine list` names it.", valueName: "id"))
    var id: String

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let now = try clock.instant()
        let one = try store.withStore(now: now) { try $0.quarantined(id: id, asker: actor.asker) }
        store.answer(json: { json(one) }, text: { text(one) })
    }

    private func json(_ one: Store.QuarantinedMessage) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            one.listed.write(into: &w)
            w.member("bytes", one.bytes.count)
            // A message that is no UTF-8 is shown with replacement characters; its bytes in the log are as sent.
            w.member("message", String(decoding: one.bytes, as: UTF8.self))
            w.member("receipt", one.receipt.value)
        }
        return w.finish()
    }

    private func text(_ one: Store.QuarantinedMessage) -> String {
        let listed = one.listed
        let shown = String(decoding: one.bytes.prefix(Self.shownBytes), as: UTF8.self)
        let lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
            .map { "  " + PlainText.line($0, keepingIndent: true) }
        let rest = one.bytes.count - Self.shownBytes
        return """
            \(listed.id)  from \(listed.entry.source), \(listed.place), recorded \(listed.recordedAt)
            \(PlainText.line(listed.entry.reason))

            \(lines.joined(separator: "\n"))
            \(rest > 0 ? "  … \(rest) bytes more (--format json has them all)\n" : "")Receipt \(one.receipt)

            """
    }

    /// Bytes of the message that text shows.
    private static let shownBytes = 4096
}

struct QuarantineRetry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Read one of them again, as the region and the reader are now.")

    @Argument(help: ArgumentHelp("As `quarantine list` names it.", valueName: "id"))
    var id: String

    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let now = try clock.instant()
        let appended = try store.withStore(now: now) { try $0.retryQuarantined(id: id) }
        store.answer {
            var w = JSONWriter()
            w.object { w in
                w.member("id", id)
                w.key("positions")
                w.array { w in
                    w.int(appended.first.value)
                    w.int(appended.last.value)
                }
            }
            return w.finish()
        } text: {
            "Took \(id)\(Words.places(appended.first, appended.last)); its entry is closed.\n"
        }
    }
}

extension Store.Quarantined {
    /// File and place in it, where there is one.
    fileprivate var place: String {
        [entry.file, entry.location.isEmpty ? nil : entry.location].compactMap(\.self).map {
            PlainText.line($0)
        }
        .joined(separator: ", ")
    }

    /// The members of an entry, inside an object that is open.
    fileprivate func write(into w: inout JSONWriter) {
        w.member("id", id)
        w.member("source", entry.source)
        w.member("file", entry.file ?? "-")
        w.member("where", entry.location)
        w.member("code", entry.code)
        w.member("reason", entry.reason)
        w.member("position", position.value)
        w.member("recorded", recordedAt.rfc3339)
    }
}
