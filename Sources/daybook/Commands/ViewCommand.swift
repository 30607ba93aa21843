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

    @Option(name: .customLong("as"), help: ArgumentHelp("Whose sight.", valueName: "user"))
    var viewer: String

    @OptionGroup var patient: PatientOption
    @OptionGroup var when: WhenOption

    @Option(
        name: .customLong("known-at"),
        help: ArgumentHelp(
            "What should have been seen at --at, with the policy known by then: late paperwork counts.",
            valueName: "when"))
    var knownAt: String?

    @Option(help: "Why: direct-care, or another purpose that agreements name.")
    var purpose = "direct-care"

    @Option(
        help: ArgumentHelp(
            "The role profile, by its id or ORG/CODE; needed where several are in force.",
            valueName: "profile"))
    var role: String?

    @OptionGroup var open: CaseOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let request = ViewRequest(
            user: viewer, patient: try patient.reference(), at: try when.when(),
            knownAt: try knownAt.map { try WhenOption.when($0, option: "--known-at") }, purpose: purpose,
            profile: role,
            caseReference: open.reference, asker: actor.asker)
        let answer = try store.withStore(now: try clock.instant()) { try $0.view(request) }
        try store.answer(json: { answer.json }, text: { try AnswerText().render(answer.json) })
        if answer.isRefusal { throw CommandEnd(status: .refused) }
    }
}

struct CaseOption: ParsableArguments {
    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("An open case that entitles the operator to content.", valueName: "ref"))
    var reference: String?
}
