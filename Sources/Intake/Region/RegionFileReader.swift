import CareRecord
import Wire

/// Fills a declaration from a region file. Organisations come first whatever the file's order: the rest names them.
struct RegionFileReader {
    let document: PolicyDocument
    var declaration = RegionDeclaration()
    var notices: [String] = []
    var calendar = StoreCalendar.london
    /// Officers named before the users were read.
    var officers: [PolicyValue] = []
    let beside: RegionFile.Beside
    /// By code system.
    var terminologies: [String: Terminology] = [:]

    /// The most licences of one pool.
    static let maximumLicences = 10_000_000

    init(_ document: PolicyDocument, beside: @escaping RegionFile.Beside) {
        (self.document, self.beside) = (document, beside)
    }

    static let keys = [
        "region", "timeZone", "identifierSystems", "placeholderNumbers", "identityRule", "consentModel",
        "permissionToViewPeriod", "relationshipGracePeriod", "overridePeriod", "overrideMay",
        "auditRetention",
        "organisations", "feeds", "agreements", "roles", "users", "terminologies", "exclusions",
        "sensitivities", "clients",
    ]

    mutating func read(_ root: PolicyValue) {
        guard let file = root.mapping(Self.keys) else { return }
        readSettings(file)
        for value in file.required("organisations")?.list() ?? [] { readOrganisation(value) }
        checkSuccessors(file["organisations"])
        for value in file["feeds"]?.list() ?? [] { readFeed(value) }
        for value in file["roles"]?.list() ?? [] { readRole(value) }
        for value in file["users"]?.list() ?? [] { readUser(value) }
        for value in file["agreements"]?.list() ?? [] { readAgreement(value) }
        for value in file["terminologies"]?.list() ?? [] { readTerminology(value) }
        for value in file["exclusions"]?.list() ?? [] { readExclusion(value) }
        for value in file["sensitivities"]?.list() ?? [] { readSensitivity(value) }
        for value in file["clients"]?.list() ?? [] { readClient(value) }
        checkOfficers()
        checkPools(file["users"] ?? root)
    }

    /// The ODS code of an organisation that the file lists.
    func organisation(_ value: PolicyValue?) -> String? {
        guard let value, let ods = value.ods() else { return nil }
        guard declaration.organisations[ods] != nil else {
            value.report("no organisation \(ods) is listed under organisations")
            return nil
        }
        return ods
    }

    private mutating func readSettings(_ file: PolicyMapping) {
        if let zone = file["timeZone"], let name = zone.text() {
            if let found = StoreCalendar(timeZone: name) {
                calendar = found
            } else {
                zone.report("\(name) is no IANA time zone: write one such as Europe/London")
            }
        }
        let systems = file["identifierSystems"]?.mapping(["nhsNumber"])
        let longest = file["auditRetention"]?.text()
        if let retention = file["auditRetention"], let longest, longest != "life-of-record",
            CalendarDuration(longest) == nil
        {
            retention.report("\(longest) must be life-of-record or an ISO 8601 duration")
        }
        guard let name = file.required("region")?.text() else { return }
        declaration.settings = RegionSettings(
            name: name, timeZone: calendar.timeZone,
            nhsNumberSystem: systems?["nhsNumber"]?.text() ?? "https://fhir.nhs.uk/Id/nhs-number",
            placeholderNumbers: file["placeholderNumbers"]?.distinct(Self.tenDigits) ?? [],
            identityRule: identityRule(file["identityRule"]),
            consentModel: file["consentModel"]?.choice(ConsentModel.self) ?? .permissionToView,
            permissionToViewPeriod: duration(file["permissionToViewPeriod"], else: "P84D"),
            relationshipGracePeriod: duration(file["relationshipGracePeriod"], else: "P0D"),
            overridePeriod: duration(file["overridePeriod"], else: "PT1H"),
            overrideMay: overrideMay(file["overrideMay"]), auditRetention: longest ?? "life-of-record")
    }

    private func duration(_ value: PolicyValue?, else text: String) -> CalendarDuration {
        // The texts given here are durations; the last alternative is never reached.
        value?.duration() ?? CalendarDuration(text) ?? CalendarDuration("P0D")!
    }

    private static func tenDigits(_ value: PolicyValue) -> String? {
        guard let text = value.text() else { return nil }
        guard text.utf8.count == 10, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            value.report("\(text) must be ten digits, in quotes")
            return nil
        }
        return text
    }

    private func identityRule(_ value: PolicyValue?) -> RegionSettings.IdentityRule {
        var rule = RegionSettings.IdentityRule()
        guard let value, let parts = value.mapping(["number", "birthDate", "familyName", "givenName"]) else {
            return rule
        }
        for (key, only) in [("number", "verified"), ("birthDate", "equal")] {
            if let part = parts[key], let text = part.text(), text != only {
                part.report("\(text) would link on too little: only \(only) is possible")
            }
        }
        rule.familyName = parts["familyName"]?.choice(RegionSettings.IdentityRule.Agreement.self) ?? .similar
        rule.givenName = parts["givenName"]?.choice(RegionSettings.IdentityRule.Agreement.self) ?? .similar
        return rule
    }

    private func overrideMay(_ value: PolicyValue?) -> [String: [Rule]] {
        let kinds: [OverrideKind] = [.emergency, .legal, .safeguarding]
        guard let value, let parts = value.mapping(kinds.map(\.rawValue)) else { return [:] }
        let passable: [Rule] = [.relationship, .permission, .dissent, .objection, .directive, .label]
        var out: [String: [Rule]] = [:]
        for kind in kinds {
            let names = parts[kind.rawValue]?.distinct { rule in
                guard let name = rule.word() else { return nil }
                guard passable.contains(where: { $0.rawValue == name }) else {
                    rule.report(
                        "nothing passes \(name): use \(passable.map(\.rawValue).joined(separator: ", "))")
                    return nil
                }
                return name
            }
            out[kind.rawValue] = names?.compactMap { Rule(rawValue: $0) }
        }
        return out
    }
}
