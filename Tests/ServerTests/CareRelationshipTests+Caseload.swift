import CareRecord
import Foundation
import Testing
import Wire

@testable import Server

/// Caseloads and referrals.
extension CareRelationshipTests {
    @Test(arguments: [("R1C", "nurse-1"), ("809", "worker-1")])
    func anEpisodeOfAServicesOwnIsACaseloadWhileItLasts(_ code: String, _ user: String) throws {
        let region = try Region()
        try region.send(code, at: "2018-01-05T09:00:00Z", Self.episode("planned", by: code))
        #expect(try !region.sees(user, "\(code):G7"))
        try region.send(code, at: "2018-01-10T09:00:00Z", Self.episode("active", by: code))
        #expect(try region.sees(user, "\(code):G7"))
        try region.send(code, at: "2018-01-20T09:00:00Z", Self.episode("onhold", by: code))
        #expect(try region.sees(user, "\(code):G7"))
        let ended = #"{"start":"2018-01-10","end":"2018-02-10"}"#
        try region.send(code, at: "2018-02-11T09:00:00Z", Self.episode("finished", by: code, period: ended))
        #expect(try region.sees(user, "\(code):G7"))
        // 42 days after the 10th of February.
        try region.later("2018-03-24T22:59:00Z")
        #expect(try region.sees(user, "\(code):G7"))
        try region.later("2018-03-25T00:00:01Z")
        #expect(try !region.sees(user, "\(code):G7"))
    }

    @Test func anEpisodeEndsByItsPeriodThoughNobodySaysSo() throws {
        let region = try Region()
        let period = #"{"start":"2018-01-10","end":"2018-03-05"}"#
        try region.send("809", at: "2018-01-10T09:00:00Z", Self.episode("active", by: "809", period: period))
        #expect(try region.sees("worker-1", "809:G7"))
        try region.later("2018-04-16T22:59:00Z")
        #expect(try region.sees("worker-1", "809:G7"))
        try region.later("2018-04-16T23:00:01Z")
        #expect(try !region.sees("worker-1", "809:G7"))
    }

    /// An older message that comes late gives an episode to nobody.
    @Test func anOlderWordOnWhoseAnEpisodeIsOpensNothing() throws {
        let region = try Region()
        for id in ["G7", "G8"] { try region.send("809", at: "2018-01-02T09:00:00Z", Self.patient(id)) }
        try region.send("809", at: "2018-01-12T09:00:00Z", Self.episode("active", by: "809"))
        try region.send("809", at: "2018-01-10T09:00:00Z", Self.episode("active", by: "809", patient: "G8"))
        #expect(try region.sees("worker-1", "809:G7"))
        #expect(try !region.sees("worker-1", "809:G8"))
        // A newer one does.
        try region.send("809", at: "2018-01-14T09:00:00Z", Self.episode("active", by: "809", patient: "G8"))
        #expect(try !region.sees("worker-1", "809:G7"))
        #expect(try region.sees("worker-1", "809:G8"))
    }

    @Test(arguments: ["cancelled", "entered-in-error", "deleted", "waitlist"])
    func whatNeverWasEndsWithoutGrace(_ how: String) throws {
        let region = try Region()
        try region.send("809", at: "2018-01-10T09:00:00Z", Self.episode("active", by: "809"))
        #expect(try region.sees("worker-1", "809:G7"))
        let then = try region.temporary.store.head().position
        if how == "deleted" {
            try region.delete("809", at: "2018-01-12T09:00:00Z", "EpisodeOfCare/e1")
        } else {
            try region.send("809", at: "2018-01-12T09:00:00Z", Self.episode(how, by: "809"))
        }
        #expect(try !region.sees("worker-1", "809:G7"))
        // What was seen then stays seen.
        #expect(try region.sees("worker-1", "809:G7", at: "\(then)"))
        // The active one again, late: said before, it opens nothing.
        try region.send("809", at: "2018-01-11T09:00:00Z", Self.episode("active", by: "809"))
        #expect(try !region.sees("worker-1", "809:G7"))
        try region.send("809", at: "2018-01-13T09:00:00Z", Self.episode("active", by: "809"))
        #expect(try region.sees("worker-1", "809:G7"))
    }

    @Test func onlyItsOwnCaseloadIsAServicesToTell() throws {
        let region = try Region()
        try region.send("809", at: "2018-01-10T09:00:00Z", Self.episode("active", by: "R1C"))
        #expect(try !region.sees("worker-1", "809:G7") && !region.sees("nurse-1", "809:G7"))
        // Nor is a hospital's episode a caseload: it has visits.
        try region.send("RBD", at: "2018-01-10T09:00:00Z", Self.episode("active", by: "RBD", patient: "H1"))
        #expect(try !region.sees("consultant-1", "RBD:H1"))
        // A practice's is a registration.
        try region.send(
            "ZZ101", at: "2018-01-10T09:00:00Z", Self.episode("active", by: "ZZ101", patient: "P1"))
        #expect(try region.sees("gp-1", "ZZ101:P1"))
    }

    @Test func anEpisodeGivenToAnotherPatientWasNeverTheFirsts() throws {
        let region = try Region()
        for id in ["G7", "G8"] { try region.send("809", at: "2018-01-01T09:00:00Z", Self.patient(id)) }
        try region.send("809", at: "2018-01-10T09:00:00Z", Self.episode("active", by: "809"))
        try region.send("809", at: "2018-01-11T09:00:00Z", Self.episode("active", by: "809", patient: "G8"))
        #expect(try !region.sees("worker-1", "809:G7"))
        #expect(try region.sees("worker-1", "809:G8"))
    }

    @Test func aTeamOfTheServiceIsACaseload() throws {
        let region = try Region()
        func team(_ status: String?) -> String {
            #"{"resourceType":"CareTeam","id":"t1","subject":{"reference":"Patient/G7"},\#(status.map { #""status":"\#($0)","# } ?? "")"managingOrganization":[\#(Self.ods("R1C"))]}"#
        }
        try region.send("R1C", at: "2018-01-09T09:00:00Z", team("proposed"))
        #expect(try !region.sees("nurse-1", "R1C:G7"))
        try region.send("R1C", at: "2018-01-10T09:00:00Z", team(nil))
        #expect(try region.sees("nurse-1", "R1C:G7"))
        try region.send("R1C", at: "2018-01-11T09:00:00Z", team("inactive"))
        #expect(try !region.sees("nurse-1", "R1C:G7"))
    }

    // MARK: Referrals

    @Test func aReferralOpensTheSightOfWhomItIsTo() throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-01T09:00:00Z", Self.referral("draft", to: ["RBD"]))
        #expect(try !region.sees("consultant-1", "ZZ101:G7"))
        try region.send("ZZ101", at: "2018-02-02T09:00:00Z", Self.referral("active", to: ["RBD", "R1C"]))
        #expect(try region.sees("consultant-1", "ZZ101:G7") && region.sees("nurse-1", "ZZ101:G7"))
        #expect(try !region.sees("gp-1", "ZZ101:G7"), "who refers gains nothing by it")
        // Another is asked in its place: the first's is over, and grace follows.
        try region.send("ZZ101", at: "2018-02-20T09:00:00Z", Self.referral("active", to: ["R1C"]))
        #expect(try region.sees("consultant-1", "ZZ101:G7"))
        try region.later("2018-04-03T23:00:01Z")
        #expect(try !region.sees("consultant-1", "ZZ101:G7") && region.sees("nurse-1", "ZZ101:G7"))
        try region.send("ZZ101", at: "2018-04-04T09:00:00Z", Self.referral("entered-in-error", to: ["R1C"]))
        #expect(try !region.sees("nurse-1", "ZZ101:G7"))
    }

    @Test func aReferralThatNobodyEndsLastsForAYearFromWhenItWasLastSaid() throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-01T09:00:00Z", Self.referral("active", to: ["RBD"]))
        try region.send("ZZ101", at: "2018-02-20T09:00:00Z", Self.referral("active", to: ["RBD"]))
        // 20 February 2019, and 42 days.
        try region.later("2019-04-03T22:59:00Z")
        #expect(try region.sees("consultant-1", "ZZ101:G7"))
        try region.later("2019-04-03T23:00:01Z")
        #expect(try !region.sees("consultant-1", "ZZ101:G7"))
    }

    @Test func aReferralLastsForItsPeriodAndAnEndOfItShortensThat() throws {
        let region = try Region()
        let period = #""occurrencePeriod":{"end":"2018-03-31"}"#
        try region.send("ZZ101", at: "2018-02-01T09:00:00Z", Self.referral("active", to: ["RBD"], period))
        try region.send("ZZ101", at: "2018-02-10T09:00:00Z", Self.referral("completed", to: ["RBD"], period))
        try region.later("2018-03-24T23:59:00Z")
        #expect(try region.sees("consultant-1", "ZZ101:G7"))
        try region.later("2018-03-25T00:00:01Z")
        #expect(try !region.sees("consultant-1", "ZZ101:G7"))
    }

    @Test(arguments: [
        #""category":[{"coding":[{"system":"http://snomed.info/sct","code":"108252007"}]}]"#,
        #""specimen":[{"display":"blood"}]"#, #""doNotPerform":true"#,
    ])
    func anOrderThatIsNoReferralOpensNothing(_ more: String) throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-01T09:00:00Z", Self.referral("active", to: ["RBD"], more))
        #expect(try !region.sees("consultant-1", "ZZ101:G7"))
        let category = #""category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}]"#
        try region.send("ZZ101", at: "2018-02-02T09:00:00Z", Self.referral("active", to: ["RBD"], category))
        #expect(try region.sees("consultant-1", "ZZ101:G7"))
    }

    @Test func aReferralToWhoeverIsNotInForceOpensNothingAndIsRaised() throws {
        let region = try Region()
        try region.temporary.apply(
            Region.yaml.replacing(
                "{ods: RBD, name: Hospital, kind: acute,",
                with: "{ods: RBD, name: Hospital, kind: acute, closed: 2018-02-15,")
        )
        let sent = try region.send(
            "ZZ101", at: "2018-02-20T09:00:00Z", Self.referral("active", to: ["RBD", "XXX"]))
        #expect(sent.notes.count == 2, "\(sent.notes)")
        #expect(try !region.sees("nurse-1", "ZZ101:G7"))
    }

    @Test func explainAndDiffNameTheFactThatAFeedMade() throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-01T09:00:00Z", Self.patient())
        let before = try region.temporary.store.head().position
        try region.send("ZZ101", at: "2018-02-02T09:00:00Z", Self.referral("active", to: ["RBD"]))
        let patient = PatientReference("ZZ101:G7")!
        let explained = try region.temporary.store.explain(
            ViewRequest(
                user: "consultant-1", patient: patient, at: When("#\(before.value + 2)")!,
                asker: TemporaryStore.asker))
        let text = String(decoding: explained.json, as: UTF8.self)
        #expect(text.contains("for RBD, referral"), "\(text)")
        let difference = try region.temporary.store.diff(
            ViewRequest(user: "consultant-1", patient: patient, asker: TemporaryStore.asker),
            from: When("#\(before.value)")!, to: When("#\(before.value + 2)")!)
        #expect(String(decoding: difference.json, as: UTF8.self).contains("for RBD, referral"))
    }
}
