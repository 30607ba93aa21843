import CareRecord
import Testing

/// The decision function against the oracle, rule by rule and with every basis. `DAYBOOK_SEED` plays one seed.
@Suite struct DecisionTests {
    static let seeds: ClosedRange<UInt64> = 1...320

    /// Rules that no random history lets withhold: they permit what others would have, or answer for nobody known, which the
    /// decision alone never sees.
    static let neverWithholds: Set<Rule> = [.ownOrganisation, .override, .unknownPatient]
    /// Rules that carry a permit.
    static let permits: Set<Rule> = [.agreement, .ownOrganisation, .override, .relationship]

    @Test func decidesAsTheOracle() async throws {
        if let alone = OracleTests.environment["DAYBOOK_SEED"].flatMap(UInt64.init) {
            _ = try Self.play([alone])
            return
        }
        var counts: [String: Int] = [:]
        try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for part in UInt64(0)..<8 {
                group.addTask { try Self.play(Self.seeds.filter { $0 % 8 == part }) }
            }
            for try await found in group { counts.merge(found, uniquingKeysWith: +) }
        }
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        // Every rule was met, and every kind of event that an explanation names was tried.
        for rule in Rule.allCases where !Self.neverWithholds.contains(rule) {
            #expect(counts["- \(rule.rawValue)", default: 0] >= Self.floor, "withheld by \(rule)")
        }
        for rule in Self.permits {
            #expect(counts["+ \(rule.rawValue)", default: 0] >= Self.floor, "permitted by \(rule)")
        }
        var all = (tried: 0, untried: 0)
        for kind in Self.changes {
            let (tried, untried) = (
                counts["tried \(kind)", default: 0], counts["untried \(kind)", default: 0]
            )
            all.tried += tried
            all.untried += untried
            #expect(tried >= 10 && tried > 3 * untried, "\(kind): \(tried) tried, \(untried) not")
        }
        #expect(all.tried > 20 * all.untried, "\(all)")
        for what in ["legal holds in force", "legal holds over"] {
            #expect(counts[what, default: 0] >= Self.floor, "\(what)")
        }
        // And no other kind goes untried unseen.
        let found = counts.keys.filter { $0.contains("tried ") }.compactMap { $0.split(separator: " ").last }
        #expect(Set(found).map(String.init).sorted() == Self.changes)
    }

    /// How often each rule has decided at least, in so many histories.
    private static let floor = 20

    /// The events that explanations name.
    private static let changes = [
        "agreementEnded", "agreementSigned", "charterSigned", "directiveWithdrawn", "dissentSet",
        "dissentWithdrawn", "exclusionSetEnded", "licenceAssigned", "objectionDeclined",
        "organisationOnboarded",
        "overrideDeclared", "overrideEnded", "permissionToView", "permissionWithdrawn", "relationshipCreated",
        "relationshipEnded", "roleBaseline", "roleProfileAssigned", "roleProfileRevoked", "sealLifted",
        "shieldCleared", "staffExcluded", "staffExclusionEnded",
    ]

    private static func play(_ seeds: [UInt64]) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for seed in seeds {
            let run = try DecisionRun(History(seed: seed))
            counts.merge(run.counts) { $0 + $1 }
            #expect(
                run.disagreements.isEmpty,
                "seed \(seed)\n\(run.disagreements.prefix(3).joined(separator: "\n"))")
        }
        return counts
    }
}
