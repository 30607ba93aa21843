import ArgumentParser
import CareRecord
import Server

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why a user sees what they see of a patient: rules, events, and what would change it.",
        discussion: """
            For the whole view, or with --item for one item, rule by rule. It names the events that decided, and events that, \
            if they were recorded, would change the answer: each was tried before it is named. Asked by the user themself, by \
            the owner of a store with a simulated clock, or by an operator with the activity explain. Leaves a receipt.
            """)

    @OptionGroup var sight: SightOptions

    @Option(
        help: ArgumentHelp("One item: Type/id, as answers name it or as the source does.", valueName: "id"))
    var item: String?

    @OptionGroup var when: WhenOption

    @Option(
        help: ArgumentHelp(
            "With --at: what should have been seen, by all that is known at this later time.",
            valueName: "when"))
    var knownAt: String?

    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let request = try sight.request(
            at: try when.when(), knownAt: try knownAt.map { try WhenOption.when($0, option: "--known-at") })
        let answer = try store.withStore(now: try clock.instant()) { try $0.explain(request, item: item) }
        try store.answer(json: { answer.json }, text: { try ExplanationText().render(answer.json) })
    }
}
