import ArgumentParser
import CareRecord
import Server

struct FindPatientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find-patient",
        abstract: "Who a user may find: by NHS number, or by family name, birth date and one more.",
        discussion: """
            Names are compared whole (case, accents and punctuation do not matter); nothing stands for anything else. At \
            most five match, or the answer is that too many do. Each is shown with name, birth date, NHS number and postcode district, \
            and leaves a receipt. It is the user's own access, which only a store with a simulated clock allows from the command line. \
            Where nobody matches, or nobody who may be found, the answer is the same, and the status 3.
            """)

    @Option(name: .customLong("as"), help: ArgumentHelp("Who looks.", valueName: "user"))
    var viewer: String

    @Option(name: .customLong("nhs-number"), help: "The NHS number.")
    var number: String?

    @Option(help: "The family name.")
    var family: String?

    @Option(help: ArgumentHelp("The birth date, as in 1946-03-17.", valueName: "date"))
    var born: String?

    @Option(help: "The first given name.")
    var given: String?

    @Option(help: "male, female, other or unknown.")
    var gender: String?

    @Option(help: "The whole postcode.")
    var postcode: String?

    @Option(help: "Why: direct-care, or another purpose that agreements name.")
    var purpose = "direct-care"

    @Option(
        help: ArgumentHelp(
            "The role profile, by its id or ORG/CODE; needed where several are in force.",
            valueName: "profile"))
    var role: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let request = FindRequest(
            user: viewer, profile: role, search: try search(), purpose: purpose, asker: actor.asker)
        let answer = try store.withStore(now: try clock.instant()) { try $0.findPatient(request) }
        try store.answer(json: { answer.json }, text: { try FindText().render(answer.json) })
        if !answer.permitted { throw CommandEnd(status: .refused) }
    }

    private func search() throws -> PatientSearch {
        guard let number else {
            return try PatientSearch(
                family: family, birthDate: born, given: given, gender: gender, postcode: postcode)
        }
        guard [family, born, given, gender, postcode].allSatisfy({ $0 == nil }) else {
            throw ValidationError("--nhs-number finds alone: leave the rest out")
        }
        guard let number = NHSNumber(number) else {
            throw ValidationError("--nhs-number '\(number)': not an NHS number with a right check digit")
        }
        return PatientSearch(number: number)
    }
}
