import Testing
import Wire

@testable import CareRecord

@Suite struct RegionFactCodecTests {
    static let facts: [RegionFact] = [
        .settings(Sample.settings),
        .organisationOnboarded(OrganisationDetails(ods: "RBD", name: "Dorset County Hospital", kind: .acute)),
        .organisationChanged(
            OrganisationDetails(ods: "809", name: "Council", kind: .localAuthority, dpo: "d@e")),
        .organisationClosed(
            OrganisationClosure(
                ods: "RD3", from: Instant(microseconds: 5), successors: [.init(ods: "R0D", subjects: ["H1"])])
        ),
        .charterSigned(CharterSignature(ods: "RBD", from: Instant(microseconds: 1_000_000))),
        .charterEnded(RegionEnd(id: "RBD")),
        .licencePool(LicencePool(ods: "RBD", licences: 1400)),
        .feedDeclared(FeedDetails(ods: "RBD", maxSilence: CalendarDuration("PT2H"))),
        .feedEnded(RegionEnd(id: "RBD")),
        .agreementSigned(Sample.agreement), .agreementAmended(Sample.agreement),
        .agreementSuspended(RegionEnd(id: "A", from: Instant(microseconds: 7))),
        .agreementResumed(RegionEnd(id: "A")), .agreementEnded(RegionEnd(id: "A")),
        .roleBaseline(
            RoleBaseline(code: "R8000", name: "C", categories: .all, labels: ["PSY"], activities: ["x"])),
        .roleWithdrawn(RegionEnd(id: "R8000")),
        .userRegistered(UserDetails(id: "u", name: "U", scope: .region)),
        .userChanged(UserDetails(id: "u", name: "V", from: Instant(microseconds: 2))),
        .userLeft(RegionEnd(id: "u")),
        .roleProfileAssigned(RoleProfile(user: "u", org: "RBD", code: "R8000", workgroups: ["cardiology"])),
        .roleProfileRevoked(RegionEnd(id: "RBD/R8000", user: "u")),
        .licenceAssigned(LicenceAssignment(user: "u", ods: "RBD")),
        .licenceReleased(RegionEnd(id: "RBD", user: "u")),
        .exclusionSetPublished(
            ExclusionSet(
                id: "s", reason: "r", codes: [CodeList(system: "x", values: ["1"], descendants: true)])),
        .exclusionSetEnded(RegionEnd(id: "s")),
        .sensitivityPublished(SensitivitySet(label: "PSY", codes: [])),
        .sensitivityEnded(RegionEnd(id: "PSY")),
        .clientRegistered(
            ClientDetails(
                id: "c", name: "C", org: "RBD", scopes: ["user/*.rs"], user: "u", profile: "RBD/R8000",
                keys: [#"{"kty":"EC"}"#])),
        .clientEnded(RegionEnd(id: "c")),
    ]

    @Test func `every kind of region fact comes back from its JSON`() throws {
        #expect(Set(Self.facts.map(\.kind)) == Set(RegionFact.Kind.allCases))
        for fact in Self.facts {
            let json = try fact.json()
            #expect(try RegionFact(json: json) == fact)
            #expect(try RegionFact(json: json).json() == json)
        }
    }

    @Test func `an unknown kind or category is refused`() {
        #expect(throws: DecodingError.self) { try RegionFact(json: Array(#"{"kind":"x","value":{}}"#.utf8)) }
        let role =
            #"{"kind":"roleBaseline","value":{"code":"R","name":"n","categories":["x"],"labels":[],"activities":[]}}"#
        #expect(throws: DecodingError.self) { try RegionFact(json: Array(role.utf8)) }
    }
}

enum Sample {
    static let settings = RegionSettings(
        name: "Dorset", timeZone: "Europe/London", nhsNumberSystem: "https://fhir.nhs.uk/Id/nhs-number",
        placeholderNumbers: ["9999999999"], identityRule: .init(), consentModel: .permissionToView,
        permissionToViewPeriod: CalendarDuration("P84D")!, relationshipGracePeriod: CalendarDuration("P42D")!,
        overridePeriod: CalendarDuration("PT1H")!, overrideMay: ["emergency": [.relationship, .permission]],
        auditRetention: "life-of-record")

    static let agreement = AgreementTerms(
        id: "PISA-RBD-1", controller: "RBD", recipients: ["all"],
        categories: CategorySet([.documents, .imaging]),
        purposes: ["direct-care"], legalBasis: [.init(to: CivilDate("2018-05-24"), text: "Act")],
        from: Instant(microseconds: 1), to: Instant(microseconds: 9))
}
