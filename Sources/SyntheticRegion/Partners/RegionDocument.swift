/// A region file: what `region apply` reads. Dates are days as they stand in the file.
public struct RegionDocument: Sendable {
    public struct Organisation: Sendable {
        public var ods: String
        public var name: String
        public var kind: String
        public var licences: Int
        /// Nil: it is bound by the charter no more.
        public var charterSigned: String?
        public var guardian: String
        public var privacyOfficer: String
        public var closed: String?
        public var successors: [Successor] = []
    }

    public struct Successor: Sendable {
        public var ods: String
        /// Local ids; nil for whatever no other successor names.
        public var subjects: [String]?
    }

    public struct Feed: Sendable {
        public var ods: String
        public var maxSilence: String
    }

    public struct Agreement: Sendable {
        public var id: String
        public var controller: String
        public var recipients: [String]
        public var categories: [String]
        public var purposes: [String]
        public var bases: [(from: String?, to: String?, text: String)]
        public var from: String
        public var to: String
        public var suspended = false
    }

    public struct Role: Sendable {
        public var code: String
        public var name: String
        public var categories: [String]
        public var labels: [String]
        public var activities: [String]
    }

    public struct Profile: Sendable {
        public var id: String?
        public var ods: String
        public var code: String
        public var workgroups: [String]
        public var from: String
        public var to: String?
    }

    public struct User: Sendable {
        public var id: String
        public var name: String
        public var regionWide = false
        public var profiles: [Profile]
    }

    public struct CodeSet: Sendable {
        /// The set's id, or the label its codes carry.
        public var name: String
        public var lists: [(system: String, codes: [String])]
    }

    /// A program that may ask over HTTP.
    public struct Client: Sendable {
        public var id: String
        public var name: String
        public var ods: String
        public var scopes: [String]
    }

    public var consentModel = "permission-to-view"
    public var organisations: [Organisation] = []
    public var feeds: [Feed] = []
    public var agreements: [Agreement] = []
    public var roles: [Role] = []
    public var users: [User] = []
    public var exclusions: [CodeSet] = []
    public var sensitivities: [CodeSet] = []
    public var clients: [Client] = []

    public static let permissionDays = 84
    public static let graceDays = 42
    public static let placeholders = ["9999999999", "0000000000"]
}

extension RegionDocument {
    public var yaml: String {
        let passes = "[relationship, permission, dissent, objection, directive]"
        var lines = [
            "region: Dorset", "timeZone: Europe/London",
            "identifierSystems: {nhsNumber: https://fhir.nhs.uk/Id/nhs-number}",
            "placeholderNumbers: \(Self.quoted(Self.placeholders))",
            "identityRule: {number: verified, birthDate: equal, familyName: similar, givenName: similar}",
            "consentModel: \(consentModel)", "permissionToViewPeriod: P\(Self.permissionDays)D",
            "relationshipGracePeriod: P\(Self.graceDays)D", "overridePeriod: PT1H",
            "overrideMay: {emergency: [relationship, permission], legal: \(passes), safeguarding: \(passes)}",
            "auditRetention: life-of-record",
        ]
        func section(_ name: String, _ entries: [String]) {
            if entries.isEmpty { return }
            lines.append("\(name):")
            lines += entries.map { "  - {\($0)}" }
        }
        section("organisations", organisations.map(Self.entry))
        section("feeds", feeds.map { "org: \"\($0.ods)\", maxSilence: \($0.maxSilence)" })
        section("agreements", agreements.map(Self.entry))
        section("roles", roles.map(Self.entry))
        section("users", users.map(Self.entry))
        section("exclusions", exclusions.map { "id: \($0.name), reason: sensitive codes, \(Self.codes($0))" })
        section("sensitivities", sensitivities.map { "label: \($0.name), \(Self.codes($0))" })
        section("clients", clients.map(Self.entry))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ values: [String]) -> String {
        "[" + values.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }

    private static func period(_ from: String?, _ to: String?) -> String {
        (from.map { ", from: \($0)" } ?? "") + (to.map { ", to: \($0)" } ?? "")
    }

    private static func entry(_ it: Organisation) -> String {
        let successors = it.successors.map { next in
            next.subjects.map { "{ods: \"\(next.ods)\", subjects: \(quoted($0))}" } ?? "\"\(next.ods)\""
        }
        return "ods: \"\(it.ods)\", name: \(it.name), kind: \(it.kind), licences: \(it.licences), "
            + (it.charterSigned.map { "charterSigned: \($0), " } ?? "")
            + "caldicottGuardian: \(it.guardian), "
            + "privacyOfficer: \(it.privacyOfficer), dpo: dpo@example.org"
            + (it.closed.map { ", closed: \($0)" } ?? "")
            + (successors.isEmpty ? "" : ", successors: [\(successors.joined(separator: ", "))]")
    }

    private static func entry(_ it: Agreement) -> String {
        let bases = it.bases.map { basis in
            let period = [basis.from.map { "from: \($0)" }, basis.to.map { "to: \($0)" }].compactMap { $0 }
            return "{\((period + ["text: \"\(basis.text)\""]).joined(separator: ", "))}"
        }
        return "id: \(it.id), controller: \"\(it.controller)\", recipients: \(quoted(it.recipients)), "
            + "categories: \(quoted(it.categories)), purposes: \(quoted(it.purposes)), "
            + "legalBasis: [\(bases.joined(separator: ", "))]\(period(it.from, it.to))"
            + (it.suspended ? ", suspended: true" : "")
    }

    private static func entry(_ it: Role) -> String {
        "code: \(it.code), name: \(it.name), categories: \(quoted(it.categories)), "
            + "labels: \(quoted(it.labels)), activities: \(quoted(it.activities))"
    }

    private static func entry(_ it: User) -> String {
        let profiles = it.profiles.map { profile in
            (profile.id.map { "{profile: \($0), " } ?? "{")
                + "org: \"\(profile.ods)\", code: \(profile.code), "
                + "workgroups: \(quoted(profile.workgroups))\(period(profile.from, profile.to))}"
        }
        return "id: \(it.id), name: \"\(it.name)\", " + (it.regionWide ? "scope: region, " : "")
            + "roles: [\(profiles.joined(separator: ", "))]"
    }

    private static func entry(_ it: Client) -> String {
        "id: \(it.id), name: \(it.name), org: \"\(it.ods)\", scopes: \(quoted(it.scopes))"
    }

    private static func codes(_ it: CodeSet) -> String {
        let lists = it.lists.map { "{system: \($0.system), values: \(quoted($0.codes)), descendants: true}" }
        return "codes: [\(lists.joined(separator: ", "))]"
    }
}
