import CareRecord
import Intake
import Testing
import Wire

@testable import Server

/// DOMAIN, "Who may see what, at T": what one person's record has to do with another's.
@Suite struct LinkedPeopleSentences {
    /// What a user is shown of a patient's conditions; nil where they are refused.
    private func seen(_ store: SafetyStore, _ user: String, _ patient: String) throws -> [String]? {
        let answer = try store.temporary.view(user, patient).answer
        guard answer.permitted else { return nil }
        return answer.items.map(\.reference).filter { $0.hasPrefix("Condition/") }
    }

    @Test("After an unlink, restrictions stay on both until reviewed. In a store.")
    func aRestrictionIsCarriedUntilItIsReviewed() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(MainJobTests.condition("c1", patient: "H1", text: "asthma"))
        try store.send(MainJobTests.patient("G7", number: "9990000026"), from: "ZZ101")
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "gout"), from: "ZZ101")
        let (hospitals, surgerys) = ("9990000018", "ZZ101:G7")
        let pair = "a: {org: RBD, id: H1}, b: {org: ZZ101, id: G7}"
        // The surgery's doctor asks about the hospital's patient, the hospital's about the surgery's.
        try store.temporary.policy(
            """
            - relationshipCreated: {id: r2, patient: "9990000018", org: ZZ101, kind: registration}
            - relationshipCreated: {id: r3, patient: {org: ZZ101, id: G7}, org: RBD, kind: referral}
            - linked: {\(pair), evidence: seen}
            - dissentSet: {patient: {org: ZZ101, id: G7}, reason: asked}
            """)
        let both = ["Condition/RBD.c1", "Condition/ZZ101.c1"]
        func seenOfEach() throws -> [[String]?] {
            [try seen(store, "gp-1", hospitals), try seen(store, "consultant-1", surgerys)]
        }
        // One person: it binds the union, and each sees their own organisation's alone.
        #expect(try seenOfEach() == [[both[1]], [both[0]]])
        try store.temporary.policy("- unlinked: {\(pair), reason: twins}")
        #expect(try seenOfEach() == [[], []])
        // The review: kept apart for good, and the dissent is theirs who dissented.
        try store.temporary.policy("- unlinked: {\(pair), reason: looked into}")
        #expect(try seenOfEach() == [[both[0]], []])
        // One again, as they were.
        try store.temporary.policy("- linked: {\(pair), evidence: seen}")
        #expect(try seenOfEach() == [[both[1]], [both[0]]])
        try store.temporary.policy("- dissentWithdrawn: {patient: {org: ZZ101, id: G7}}")
        #expect(try seenOfEach() == [both, both])
    }

    /// A mother at the hospital, and her daughter, who speaks for her and is a patient too.
    @Test("A proxy inherits no view.", arguments: ["daughter's doctor", "mother's doctor"])
    func aProxyInheritsNoView(asker: String) throws {
        let (mother, daughter) = ("9990000018", "9990000026")
        let store = try SafetyStore()
        try store.temporary.policy(#"- relationshipEnded: {id: r1, patient: "9990000018"}"#)
        try store.admit()
        try store.send(MainJobTests.condition("c1", patient: "H1", text: "asthma"))
        let number = #"[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000026"}]"#
        try store.send(
            #"{"resourceType":"RelatedPerson","id":"p1","active":true,"identifier":\#(number),"#
                + #""patient":{"reference":"Patient/H1"},"relationship":[{"text":"daughter, power of attorney"}],"#
                + #""name":[{"family":"Test","given":["Dot"]}],"birthDate":"1995-01-01"}"#)
        try store.send(
            #"{"resourceType":"Consent","id":"k1","status":"active","scope":{"text":"proxy"},"category":[{"text":"proxy"}],"#
                + #""patient":{"reference":"Patient/H1"},"performer":[{"reference":"RelatedPerson/p1"}],"#
                + #""provision":{"type":"permit","actor":[{"role":{"text":"proxy"},"reference":{"reference":"RelatedPerson/p1"}}]}}"#
        )
        // The surgery's patient names her mother too.
        let own = MainJobTests.patient("G7", number: daughter).replacing(
            #""birthDate":"1970-01-01""#,
            with: #""birthDate":"1995-01-01","contact":[{"name":{"family":"Test","given":["Ann"]}}]"#
        )
        try store.send(own, from: "ZZ101")
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "gout"), from: "ZZ101")
        let (theirs, others) = asker == "daughter's doctor" ? (daughter, mother) : (mother, daughter)
        let (user, org) = asker == "daughter's doctor" ? ("gp-1", "ZZ101") : ("consultant-1", "RBD")
        try store.temporary.policy(
            #"- relationshipCreated: {id: r2, patient: "\#(theirs)", org: \#(org), kind: registration}"#)
        // Their own patient's record alone: that the one speaks for the other joins nothing.
        let found = try seen(store, user, theirs)
        #expect(found == [asker == "daughter's doctor" ? "Condition/ZZ101.c1" : "Condition/RBD.c1"])
        let refused = try store.temporary.view(user, others).answer
        #expect(!refused.permitted && refused.rule == "relationship" && refused.items.isEmpty)
        // Nor does a permission that the proxy gives, or is given, stand for one.
        try store.temporary.policy(
            #"- permissionToView: {patient: "\#(others)", user: \#(user), basis: asked}"#)
        #expect(try seen(store, user, others) == nil)
        // What would let them in is a relationship with the patient themself.
        try store.temporary.policy(
            #"- relationshipCreated: {id: r3, patient: "\#(others)", org: \#(org), kind: referral}"#)
        #expect(try seen(store, user, others)?.count == 1)
    }
}
