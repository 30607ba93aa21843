/// A region file as the generator means it: plain values, dates as the text that stands in the file.
struct RegionSpec: Equatable, Sendable {
    struct Organisation: Equatable, Sendable {
        var ods: String
        var kind: String
        var licences: Int
        var charterSigned: String?
        /// The day it closed, and who took over: all of it, or the subjects named.
        var closed: String?
        var successors: [Successor] = []
        /// A charter that no file signs: tried where an explanation asks for one. Microseconds.
        var charterInstant: Int64?
    }

    struct Successor: Equatable, Sendable {
        var ods: String
        /// Local ids; nil for everything that no other successor names.
        var subjects: [String]?
    }

    struct Feed: Equatable, Sendable {
        var organisation: String
        var maxSilence: String
    }

    struct Agreement: Equatable, Sendable {
        var id: String
        var controller: String
        /// ODS codes, or `all` alone.
        var recipients: [String]
        var categories: [String]
        var purposes: [String]
        var from: String?
        var to: String?
        var suspended = false
    }

    struct Role: Equatable, Sendable {
        var code: String
        var categories: [String]
        var labels: [String]
        var activities: [String]
    }

    struct Profile: Equatable, Sendable {
        var id: String?
        var organisation: String
        var code: String
        var workgroups: [String]
        var from: String?
        var to: String?

        /// What a viewer calls it: its id, or ORG/CODE where it has none.
        var name: String { id ?? "\(organisation)/\(code)" }
    }

    struct User: Equatable, Sendable {
        var id: String
        var profiles: [Profile]
    }

    struct CodeSet: Equatable, Sendable {
        /// The set's id, or the label that the codes carry.
        var name: String
        var system: String
        var codes: [String]
        /// Whether the codes below them are meant too, as far as the terminology knows them.
        var descendants = false
        /// Of an exclusion set: narrative goes with what it hides.
        var withholdsNarrative = false
    }

    var consentModel = "permission-to-view"
    var placeholders: [String] = []
    var familyRule = "similar"
    var givenRule = "similar"
    var permissionDays = 84
    var graceDays = 42
    /// nil: one hour.
    var overrideDays: Int?
    /// What each kind of override passes.
    var overrideMay: [String: [String]] = [:]
    var organisations: [Organisation] = []
    var feeds: [Feed] = []
    var agreements: [Agreement] = []
    var roles: [Role] = []
    var users: [User] = []
    var exclusions: [CodeSet] = []
    var sensitivities: [CodeSet] = []
    /// Pairs of code and parent, as the terminology file beside has them; nil where the region names none.
    var terminology: [Below]?
    /// Licences, as `USER ODS`, that no file assigns: tried where an explanation asks for one.
    var licences: Set<String> = []

    struct Below: Equatable, Sendable {
        var code: String
        var parent: String
    }
}

extension RegionSpec {
    /// The file that `region apply` reads.
    var yaml: String {
        var lines = [
            "region: Oracle", "timeZone: Europe/London",
            "identifierSystems: {nhsNumber: \"https://fhir.nhs.uk/Id/nhs-number\"}",
            "placeholderNumbers: \(Self.list(placeholders))",
            "identityRule: {number: verified, birthDate: equal, familyName: \(familyRule),"
                + " givenName: \(givenRule)}",
            "consentModel: \(consentModel)", "permissionToViewPeriod: P\(permissionDays)D",
            "relationshipGracePeriod: P\(graceDays)D",
            "overridePeriod: \(overrideDays.map { "P\($0)D" } ?? "PT1H")",
            "overrideMay: {\(mays)}", "auditRetention: life-of-record",
        ]
        if terminology != nil {
            lines.append("terminologies:\n  - {system: \"\(ResourceShapes.snomed)\", file: below.csv}")
        }
        lines += Self.section("organisations", organisations.map(Self.organisation))
        lines += Self.section(
            "feeds", feeds.map { "{org: \"\($0.organisation)\", maxSilence: \($0.maxSilence)}" })
        lines += Self.section("agreements", agreements.map(Self.agreement))
        lines += Self.section("roles", roles.map(Self.role))
        lines += Self.section("users", users.map(Self.user))
        lines += Self.section(
            "exclusions",
            exclusions.map {
                Self.codeSet(
                    $0,
                    "id: \($0.name), reason: set, narrative: \($0.withholdsNarrative ? "withhold" : "keep")")
            })
        lines += Self.section("sensitivities", sensitivities.map { Self.codeSet($0, "label: \($0.name)") })
        return lines.joined(separator: "\n") + "\n"
    }

    private var mays: String {
        overrideMay.sorted { $0.key < $1.key }.map { "\($0.key): [\($0.value.joined(separator: ", "))]" }
            .joined(separator: ", ")
    }

    static func list(_ values: [String]) -> String {
        "[" + values.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }

    private static func section(_ name: String, _ entries: [String]) -> [String] {
        entries.isEmpty ? [] : ["\(name):"] + entries.map { "  - " + $0 }
    }

    private static func period(_ from: String?, _ to: String?) -> String {
        (from.map { ", from: \($0)" } ?? "") + (to.map { ", to: \($0)" } ?? "")
    }

    private static func organisation(_ it: Organisation) -> String {
        let charter = it.charterSigned.map { ", charterSigned: \($0)" } ?? ""
        let closed = it.closed.map { ", closed: \($0)" } ?? ""
        let successors = it.successors.map { next in
            next.subjects.map { "{ods: \"\(next.ods)\", subjects: \(list($0))}" } ?? "\"\(next.ods)\""
        }
        let taken = successors.isEmpty ? "" : ", successors: [\(successors.joined(separator: ", "))]"
        return "{ods: \"\(it.ods)\", name: Organisation \(it.ods), kind: \(it.kind), "
            + "licences: \(it.licences)\(charter)\(closed)\(taken)}"
    }

    private static func agreement(_ it: Agreement) -> String {
        "{id: \(it.id), controller: \"\(it.controller)\", recipients: \(list(it.recipients)), "
            + "categories: \(list(it.categories)), purposes: \(list(it.purposes)), "
            + "legalBasis: [{text: \"by law\"}]\(period(it.from, it.to))"
            + (it.suspended ? ", suspended: true}" : "}")
    }

    private static func role(_ it: Role) -> String {
        "{code: \(it.code), name: Role \(it.code), categories: \(list(it.categories)), "
            + "labels: \(list(it.labels)), activities: \(list(it.activities))}"
    }

    private static func user(_ it: User) -> String {
        let profiles = it.profiles.map { profile in
            (profile.id.map { "{profile: \($0), " } ?? "{")
                + "org: \"\(profile.organisation)\", code: \(profile.code), "
                + "workgroups: \(list(profile.workgroups))\(period(profile.from, profile.to))}"
        }
        return "{id: \(it.id), name: \"Person \(it.id)\", roles: [\(profiles.joined(separator: ", "))]}"
    }

    private static func codeSet(_ it: CodeSet, _ head: String) -> String {
        let below = it.descendants ? ", descendants: true" : ""
        return "{\(head), codes: [{system: \"\(it.system)\", values: \(list(it.codes))\(below)}]}"
    }
}
