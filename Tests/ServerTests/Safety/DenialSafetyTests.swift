import CareRecord
import Intake
import Testing
import Wire

@testable import Server

/// DOMAIN, "Clinical safety", a sentence a test: old views and denied care.
@Suite struct DenialSafetyTests {
    @Test("Old view. A historical view says AS AT on every page and print.")
    func everyPageSaysAsAt() throws {
        let store = try SafetyStore()
        try store.admit()
        for index in 0..<90 {
            try store.send(MainJobTests.condition("c\(index)", patient: "H1", text: "condition \(index)"))
        }
        let now = try store.view()
        #expect(!now.text.contains("AS AT"))
        try store.at("2018-02-01T00:00:00Z")
        try store.temporary.policy(#"- dissentSet: {patient: "9990000026", reason: later}"#)
        let then = try store.view(at: "2018-01-20")
        let lines = then.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first?.hasPrefix("AS AT 2018-01-20T23:59:59.999999Z") == true)
        #expect(lines.dropLast().last?.contains("AS AT 2018-01-20T23:59:59.999999Z") == true)
        let marks = lines.indices.filter { lines[$0].contains("AS AT") }
        #expect(marks.count > 3)
        for (mark, next) in zip(marks, marks.dropFirst()) { #expect(next - mark <= 60) }
        #expect(then.json["final"]?.bool == true && then.json["at"]?["time"] != nil)
    }

    private func offers(_ seen: SeenView) -> [String] {
        (seen.json["offers"]?.elements ?? []).compactMap { $0["step"]?.string }
    }

    @Test(
        "Denied care. A denial offers permission, self-claim or override in one step, where the role allows.")
    func aDenialOffersWhatTheRoleAllows() throws {
        let store = try SafetyStore(consentModel: "permission-to-view")
        try store.admit()
        try store.admit("ZZ101", "G7")
        // No relationship: claim it, or override. A stranger's number gets the same offers.
        let refused = try store.view("nurse-1")
        #expect(refused.answer.isRefusal && offers(refused) == ["self-claim", "emergency-override"])
        let stranger = try SeenView(try store.temporary.view("nurse-1", "9990000026"))
        #expect(offers(stranger) == offers(refused))
        // A relationship and no permission: ask, or override.
        let lacking = try store.view()
        #expect(!lacking.answer.isRefusal && offers(lacking) == ["permission", "emergency-override"])
        #expect(lacking.text.contains("permission: ask the patient"))
        // Somebody kept out by name is offered what a stranger is: that they are kept out is not told.
        let gp = try store.view("gp-1")
        try store.temporary.policy(#"- staffExcluded: {patient: "9990000018", user: gp-1, reason: relative}"#)
        #expect(try store.view("gp-1").json["offers"]?.raw == gp.json["offers"]?.raw)
        // A role with none of the activities is offered nothing.
        #expect(offers(try store.view("clerk-1")).isEmpty)
        #expect(!(try store.view("clerk-1").text.contains("YOU MAY")))
        // With a permission there is nothing to offer.
        try store.temporary.policy(
            #"- permissionToView: {patient: "9990000018", user: consultant-1, basis: asked}"#)
        #expect(offers(try store.view()).isEmpty)
    }

    @Test("Denied care. One step: the fact offered is taken as it stands, and the denial is over.")
    func whatIsOfferedIsTakenAsItStands() throws {
        let store = try SafetyStore(consentModel: "permission-to-view")
        try store.admit()
        try store.admit("ZZ101", "G7")
        for _ in 0..<2 {
            let seen = try store.view("nurse-1")
            let offer = try #require(seen.json["offers"]?[0])
            try store.temporary.policy(
                "[\(String(decoding: try #require(offer["fact"]).raw, as: UTF8.self))]")
        }
        let cared = try store.view("nurse-1")
        #expect(!cared.answer.isRefusal && offers(cared).isEmpty)
    }

    @Test("Denied care. What is offered tells nothing of what is held.")
    func offersTellNothingOfWhatIsHeld() throws {
        let store = try SafetyStore(consentModel: "permission-to-view")
        try store.admit()
        let before = try store.view().json["offers"]?.raw
        try store.admit("ZZ101", "G7")
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "asthma"), from: "ZZ101")
        #expect(try store.view().json["offers"]?.raw == before)
    }

    @Test("Denied care. A hostile id stays text in the command offered.")
    func aCommandOfferedIsQuoted() throws {
        #expect(AnswerText.quoted("it's") == #"it'\''s"#)
    }
}
