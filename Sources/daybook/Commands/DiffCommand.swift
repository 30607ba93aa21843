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

    @Option(name: .customLong("as"), help: ArgumentHelp("Whose sight.", valueName: "user"))
    var viewer: String

    @OptionGroup var patient: PatientOption

    @Option(help: ArgumentHelp("An RFC 3339 instant, a date (its start), or '#POSITION'.", valueName: "when"))
    var from: String

    @Option(help: ArgumentHelp("An RFC 3339 instant, a date (its end), or '#POSITION'.", valueName: "when"))
    var to: String

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
        let end = try WhenOption.when(to, option: "--to")
        let request = ViewRequest(
            user: viewer, patient: try patient.reference(), at: end, purpose: purpose, profile: role,
            caseReference: open.reference, asker: actor.asker)
        let start = try WhenOption.when(from, option: "--from")
        let answer = try store.withStore(now: try clock.instant()) {
            try $0.diff(request, from: start, to: end)
        }
        try store.answer(json: { answer.json }, text: { try DifferenceText().render(answer.json) })
    }
}
