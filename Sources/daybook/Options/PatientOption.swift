import ArgumentParser
import CareRecord

/// A patient by NHS number, or by a source's own id.
struct PatientOption: ParsableArguments {
    @Option(help: ArgumentHelp("An NHS number, or ODS:LOCALID.", valueName: "who"))
    var patient: String

    func reference() throws -> PatientReference { try Self.reference(patient) }

    static func reference(_ text: String) throws -> PatientReference {
        guard let reference = PatientReference(text) else {
            throw ValidationError(
                "--patient '\(text)': neither an NHS number with a right check digit nor ODS:LOCALID")
        }
        return reference
    }
}

/// The time that a question is about.
struct WhenOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "As of when: an RFC 3339 instant, a date (its end), or '#POSITION'. Left out: now.",
            valueName: "when"))
    var at: String?

    func when() throws -> When? { try at.map { try Self.when($0, option: "--at") } }

    static func when(_ text: String, option: String) throws -> When {
        guard let when = When(text) else {
            throw ValidationError(
                "\(option) '\(text)': not an instant (2018-02-05T15:00:00Z), a date (2018-02-05) or a position ('#41')"
            )
        }
        return when
    }
}
