import ArgumentParser
import Intake
import Server

struct FeedsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feeds",
        abstract:
            "How each source's feed does: its last message, how late it was, and what became of all of them.",
        discussion: """
            `late` is past the region's maximum silence, `down` past three times that, `never` of one that is expected and has \
            sent nothing. Duplicates leave no event: they are counted since the server started, and are 0 without one.
            """)

    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let feeds = try store.withStore(now: try clock.instant()) { try $0.feeds() }
        store.answer(json: { json(feeds) }, text: { text(feeds) })
    }

    private func json(_ feeds: [FeedStatus]) -> [UInt8] {
        var w = JSONWriter(capacity: 64 + feeds.count * 160)
        w.object { w in
            w.key("items")
            w.array { w in for feed in feeds { feed.write(into: &w) } }
        }
        return w.finish()
    }

    private func text(_ feeds: [FeedStatus]) -> String {
        if feeds.isEmpty { return "No source is expected, and none has sent anything.\n" }
        var table = Table(
            "SOURCE", "STATUS", "LAST MESSAGE", "LAG", "ACCEPTED", "DUPLICATE", "QUARANTINED")
        for feed in feeds {
            table.add(
                feed.source, (feed.status?.rawValue ?? "-") + (feed.isSilent ? ", SILENT" : ""),
                feed.last?.rfc3339 ?? "-", feed.lag.map { "\($0 / 1_000_000) s" } ?? "-",
                "\(feed.accepted)", "\(feed.duplicate)", "\(feed.quarantined)")
        }
        return table.text
    }
}
