import Listeners
import Server
import SyntheticRegion

/// Serves the region that was made, and says whom one can be and what to ask: log-ins with their tokens, and requests to paste.
struct DemoServing {
    let path: String
    let story: Story
    let http: ServeSettings.Endpoint
    /// Nil: until told to stop.
    let seconds: Int?

    func run() async throws {
        var settings = ServeSettings()
        settings.http = http
        settings.logLevel = "warning"
        let server = StoreServer(settings)
        let store = try Store(at: path)
        defer { store.close() }
        let tokens = try tokens(store, settings)
        try await server.run(store, stopAfter: seconds.map { .seconds($0) }) { address in
            Output.write(text(address, tokens))
        }
    }

    private func tokens(_ store: Store, _ settings: ServeSettings) throws -> [(
        logIn: Story.LogIn, token: String
    )] {
        let own = try OwnTokens(store)
        return try story.logIns.map { logIn in
            let token = try own.developmentToken(
                user: logIn.user, profile: nil, patient: logIn.user == nil ? story.person.nhs : nil,
                scope: logIn.user == nil ? "patient/AuditEvent.rs" : "user/*.rs",
                audience: settings.access.audience)
            // Every demo's clock is simulated.
            return (logIn, token ?? "")
        }
    }

    private func text(_ address: String, _ tokens: [(logIn: Story.LogIn, token: String)]) -> String {
        var out = "\n# Served at \(address), on this machine alone, "
        out += seconds.map { "for \(Words.count($0, "second")).\n" } ?? "until Ctrl-C.\n"
        out += "# Whom you can be, each with a token for twelve hours that only this store takes:\n"
        for (logIn, token) in tokens {
            out += "export \(logIn.variable)=\(token)   # \(logIn.name)\n"
        }
        out += "# To try, from another terminal: paste the lines above, then any of these.\n"
        for request in requests {
            out += "\n# \(request.words)\ncurl -s"
            out += request.showsHeaders ? "i" : ""
            if let variable = request.variable { out += " -H \"Authorization: Bearer $\(variable)\"" }
            out += " '\(address)\(request.path)'\n"
        }
        return out + "\n"
    }

    private struct Request {
        var words: String
        var variable: String?
        var path: String
        var showsHeaders = true
    }

    private var requests: [Request] {
        let nhs = story.person.nhs
        let reading = "/fhir/\(Story.reading)"
        return [
            Request(
                words:
                    "The patient's GP reads a blood pressure. Daybook-Receipt says where the log has it that they did.",
                variable: "GP", path: reading),
            Request(
                words:
                    "For a nurse whom the patient has excluded, it is not there; that they asked is on record as well.",
                variable: "SNOOPER", path: reading),
            Request(
                words: "Problems of the patient, by NHS number: two, and where the next are.", variable: "GP",
                path: "/fhir/Condition?patient.identifier=\(nhs)&_count=2"),
            Request(
                words: "The cardiologist's referral has lapsed by now: refused, by a rule that has a name.",
                variable: "CONSULTANT", path: "/fhir/Condition?patient.identifier=\(nhs)"),
            Request(
                words: "A privacy officer asks who looked: the first two receipts, and where the next are.",
                variable: "PRIVACY", path: "/audit/access?patient=\(nhs)&count=2"),
            Request(
                words: "And what the nurse could see at the end: nothing, and by which rule.",
                variable: "PRIVACY",
                path: "/audit/view?as=\(story.snooper)&patient=\(nhs)&at=%23HEAD"),
            Request(
                words: "What this server does over FHIR.", path: "/fhir/metadata", showsHeaders: false),
            Request(words: "What it measures.", path: "/metrics", showsHeaders: false),
        ]
    }
}
