import Testing
import Wire

@testable import Server

/// What is shown cites nothing that is withheld: a reference, its display and its place in a list would tell that the other is there.
@Suite struct WithheldReferenceTests {
    /// The hospital sees the practice's demographics and encounters, and none of its diagnoses.
    private static let region = MainJobTests.region.replacing(
        "categories: [demographics, diagnoses]", with: "categories: [demographics, encounters]")

    private func encounter(_ members: String) -> String {
        #"{"resourceType":"Encounter","id":"e1","status":"finished","subject":{"reference":"Patient/G7"}\#(members)}"#
    }

    private func shown(_ members: String, hides: Bool = true) throws -> String {
        let temporary = try TemporaryStore()
        try temporary.apply(hides ? Self.region : MainJobTests.region)
        try temporary.policy(
            "- relationshipCreated: {id: r1, patient: \"9990000018\", org: RBD, kind: referral, from: 2017-12-01}"
        )
        for (index, message) in [
            MainJobTests.patient("G7"), MainJobTests.condition("c1", patient: "G7", text: "asthma"),
            MainJobTests.condition("c2", patient: "G7", text: "gout"), encounter(members),
        ].enumerated() {
            _ = try temporary.ingest("ZZ101", message, name: "\(index).json")
        }
        let user = hides ? "consultant-1" : "gp-1"
        if !hides {
            try temporary.policy(
                "- relationshipCreated: {id: r2, patient: \"9990000018\", org: ZZ101, kind: registration, from: 2017-12-01}"
            )
        }
        let view = try temporary.view(user, "9990000018")
        let item = try #require(view.answer.items.first { $0.reference == "Encounter/ZZ101.e1" })
        return String(decoding: item.resource ?? [], as: UTF8.self)
    }

    @Test(
        arguments: [
            #","diagnosis":[{"condition":{"reference":"Condition/c1","display":"asthma"}},{"condition":{"reference":"Condition/c2"}}]"#,
            #","diagnosis":[{"condition":{"\u0072eference":"Condition\/c1","display":"asthma"}}]"#,
            #","reasonReference":[{"reference":"Condition/c1/_history/3","display":"asthma"}]"#,
            #","text":{"status":"generated","div":"a \"reference\":"},"reasonReference":[{"display":"asthma","reference" : "Condition/c1"}]"#,
        ])
    func aCitationGoesWithItsObject(members: String) throws {
        let seen = try shown(members)
        for word in ["Condition", "asthma", "diagnosis", "reasonReference"] {
            #expect(!seen.contains(word), "\(seen)")
        }
        // Whose it is stays, and so does all else.
        #expect(seen.contains("Patient/ZZ101.G7") && seen.contains("finished"), "\(seen)")
        #expect(try shown(members, hides: false).contains("asthma"))
    }
}
