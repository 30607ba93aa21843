import Wire

/// Registrations, caseloads and referrals.
extension MessageFactory {
    static let odsSystem = "https://fhir.nhs.uk/Id/ods-organization-code"
    private static let day: Int64 = 86_400_000_000

    static func organisation(_ code: String) -> JSONTree {
        .object(["identifier": .object(["system": .string(odsSystem), "value": .string(code)])])
    }

    /// Whom a sender names: mostly itself.
    private static func named(_ source: String, _ rng: inout SplitMix64) -> String {
        rng.pick([source, source, source, "RDY", "ZZ101", "ZZ999"])
    }

    /// What a Patient says of who keeps it, and whether it still does.
    static func addKeeper(
        to resource: inout JSONTree, source: String, _ rng: inout SplitMix64
    ) -> CareWord? {
        var word = CareWord(kind: .person)
        if rng.chance(1, in: 2) {
            word.organisations = [named(source, &rng)]
            resource["managingOrganization"] = organisation(word.organisations[0])
        }
        if rng.chance(1, in: 8) {
            resource["active"] = false
            word.state = .over
        } else if rng.chance(1, in: 4) {
            resource["active"] = true
        }
        return word
    }

    /// The kinds of statement by their resource types.
    static func careKind(_ type: String) -> CareWord.Kind? {
        switch type {
        case "EpisodeOfCare": .episode
        case "CareTeam": .team
        case "ServiceRequest": .referral
        default: nil
        }
    }

    /// Says of an EpisodeOfCare, a CareTeam or a ServiceRequest whose it is and how it stands.
    static func addCare(
        to shape: inout ResourceShapes.Made, source: String, now: Instant, _ rng: inout SplitMix64
    ) -> CareWord? {
        guard let kind = careKind(shape.type) else { return nil }
        var word = CareWord(kind: kind)
        let start = History.date(now.microseconds - Int64(rng.below(5)) * day)
        let end = rng.chance(1, in: 3) ? History.date(now.microseconds + Int64(rng.below(5) - 2) * day) : nil
        let until = end.map { LondonCalendar.end(of: $0) }
        switch kind {
        case .referral: refer(&shape, &word, source, start, end, &rng)
        default:
            let status = rng.pick(
                kind == .team
                    ? ["active", "active", "inactive", "suspended", "proposed"]
                    : ["active", "active", "active", "onhold", "finished", "planned", "cancelled"])
            shape.resource["status"] = .string(status)
            shape.resource["period"] = .object(["start": .string(start), "end": end.map { .string($0) }])
            (shape.effective, word.from) = (start, LondonCalendar.start(of: start))
            if rng.chance(5, in: 6) {
                word.organisations = [named(source, &rng)]
                let keeper = organisation(word.organisations[0])
                shape.resource["managingOrganization"] = kind == .team ? .array([keeper]) : keeper
            }
            switch status {
            case "active", "onhold": word.state = .open(until: until)
            case "finished", "inactive": word.state = until.map { .ended($0) } ?? .over
            case "suspended": word.state = .over
            default: word.state = .neverWas
            }
        }
        return word
    }

    private static func refer(
        _ shape: inout ResourceShapes.Made, _ word: inout CareWord, _ source: String, _ start: String,
        _ end: String?, _ rng: inout SplitMix64
    ) {
        let status = rng.pick(["active", "active", "active", "completed", "revoked", "draft"])
        shape.resource["status"] = .string(status)
        shape.resource["authoredOn"] = .string(start)
        (shape.effective, word.from) = (start, LondonCalendar.start(of: start))
        if let end { shape.resource["occurrencePeriod"] = .object(["end": .string(end)]) }
        var performers = rng.subset(["RBD", "RD3", "RDY", "809", "ZZ999"], 1, in: 3)
        shape.resource["performer"] = performers.isEmpty ? nil : .array(performers.map(organisation))
        // An order for a test is no referral.
        switch rng.below(6) {
        case 0:
            shape.resource["category"] = .array([ResourceShapes.coding(ResourceShapes.snomed, "108252007")])
            performers = []
        case 1:
            shape.resource["category"] = .array([ResourceShapes.coding(ResourceShapes.snomed, "3457005")])
        default: break
        }
        word.organisations = performers
        switch status {
        case "active": word.state = .open(until: end.map { LondonCalendar.end(of: $0) })
        case "completed", "revoked": word.state = .over
        default: word.state = .neverWas
        }
    }
}
