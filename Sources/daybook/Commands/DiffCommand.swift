import ArgumentParser
import CareRecord
import Server

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "What became visible to a user of a patient, or ceased to be, and which event did it.",
        discussion: """
            Between two instants, both as they were then. The passing of a time that an event had set is named too. Asked by \
            whoever may ask for an explanation. Leaves a receipt.
            """)

    @OptionGroup var sight: SightOptions

    @Option(help: ArgumentHelp("An RFC 3339 instant, a date (its start), or '#POSITION'.", valueName: "when"))
    var from: String

    @Option(help: ArgumentHelp("An RFC 3339 instant, a date (its end), or '#POSITION'.", valueName: "when"))
    var to: String

    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let end = try WhenOption.when(to, option: "--to")
        let request = try sight.request(at: end)
        let start = try WhenOption.when(from, option: "--from")
        let answer = try store.withStore(now: try clock.instant()) {
            try $0.diff(request, from: start, to: end)
        }
        try store.answer(json: { answer.json }, text: { try DifferenceText().render(answer.json) })
    }
}
