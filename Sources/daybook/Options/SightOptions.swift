import ArgumentParser
import CareRecord
import Server

/// Whose sight of which patient, as what and why: what view, explain and diff all ask about.
struct SightOptions: ParsableArguments {
    @Option(name: .customLong("as"), help: ArgumentHelp("Whose sight.", valueName: "user"))
    var viewer: String

    @OptionGroup var patient: PatientOption

    @Option(help: "Why: direct-care, or another purpose that agreements name.")
    var purpose = "direct-care"

    @Option(
        help: ArgumentHelp(
            "The role profile, by its id or ORG/CODE; needed where several are in force.",
            valueName: "profile"))
    var role: String?

    @OptionGroup var open: CaseOption
    @OptionGroup var actor: ActorOptions

    func request(at when: When?, knownAt: When? = nil) throws -> ViewRequest {
        ViewRequest(
            user: viewer, patient: try patient.reference(), at: when, knownAt: knownAt, purpose: purpose,
            profile: role, caseReference: open.reference, asker: actor.asker)
    }
}

struct CaseOption: ParsableArguments {
    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("An open case that entitles the operator to content.", valueName: "ref"))
    var reference: String?
}
