import ArgumentParser
import CareRecord
import Server

struct ViewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "What a user sees of a patient, now or at any time. Leaves a receipt.",
        discussion: """
            With --at, a reconstruction of what that user could see then, data and policy both as of then; it is asked by \
            the operator and never counts as the user's access. Without --at, the user's own access now, which only a store with \
            a simulated clock allows from the command line. A refusal prints the same answer without items, and exits 3.
            """)

    @OptionGroup var sight: SightOptions
    @OptionGroup var when: WhenOption

    @Option(
        name: .customLong("known-at"),
        help: ArgumentHelp(
            "What should have been seen at --at, with the policy known by then: late paperwork counts.",
            valueName: "when"))
    var knownAt: String?

    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let request = try sight.request(
            at: try when.when(), knownAt: try knownAt.map { try WhenOption.when($0, option: "--known-at") })
        let answer = try store.withStore(now: try clock.instant()) { try $0.view(request) }
        try store.answer(json: { answer.json }, text: { try AnswerText().render(answer.json) })
        if answer.isRefusal { throw CommandEnd(status: .refused) }
    }
}
