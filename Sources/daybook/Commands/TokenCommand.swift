import ArgumentParser
import Listeners
import Server

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a development token for the HTTP interface, on a store with a simulated clock only.",
        discussion: """
            A user's token asks in that user's right, which policy decides at each request. With --patient alone it is that patient's own, \
            for the trail of their record. It lives twelve hours, and this store alone takes it.
            """)

    @Option(help: "A user of the policy.")
    var user: String?

    @Option(help: ArgumentHelp("The role profile, where several are in force.", valueName: "profile"))
    var role: String?

    @Option(
        help: ArgumentHelp(
            "The patient in context, or without --user the patient themself.", valueName: "nhs"))
    var patient: String?

    @Option(help: ArgumentHelp("SMART scopes, separated by spaces.", valueName: "scopes"))
    var scope: String?

    @Option(
        help: ArgumentHelp("The server's audience, where it is not the usual one.", valueName: "audience"))
    var audience = AccessSettings().audience

    @OptionGroup var store: StoreOptions

    func validate() throws {
        if user == nil, patient == nil {
            throw ValidationError("--user USER or --patient NHS: say whose token")
        }
        if let patient { _ = try PatientOption.reference(patient) }
        if let scope, Scopes(scope) == nil {
            throw ValidationError("--scope '\(scope)': write SMART scopes such as user/*.rs")
        }
    }

    func run() throws {
        try store.withStore { store in
            let scope = scope ?? (user == nil ? "patient/AuditEvent.rs" : "user/*.rs")
            guard
                let token = try OwnTokens(store).developmentToken(
                    user: user, profile: role, patient: patient, scope: scope, audience: audience)
            else {
                throw CommandFailure(
                    status: .usage,
                    message:
                        "this store's clock is the machine's: only the region's identity service gives tokens"
                )
            }
            Output.write(token + "\n")
        }
    }
}
