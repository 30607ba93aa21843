import Testing
import Wire

@testable import CareRecord

/// "A relationship AND, while the consent model is permission-to-view, a permission."
@Suite struct RelationshipRuleTests {
    let item = PolicyWorld.item("ZZ101", .diagnoses)
    let own = PolicyWorld.item("RBD", .diagnoses)

    func related(_ fill: @escaping (inout PatientFact) -> Void) -> PolicyWorld {
        var world = PolicyWorld.sample { $0.consentModel = .implied }
        world.patient(.relationshipCreated, at: "2018-02-01T09:00:00Z") {
            $0.id = "rel"
            fill(&$0)
        }
        return world
    }

    @Test func `a relationship names an organisation, workgroup or user and serves its members`() {
        let cases: [(String?, String?, String?, Bool)] = [
            ("RBD", nil, nil, true), ("ZZ101", nil, nil, false), ("RBD", "cardiology", nil, true),
            ("RBD", "surgery", nil, false), ("ZZ101", "cardiology", nil, false),
            (nil, nil, "consultant", true),
            (nil, nil, "gp", false), ("RBD", nil, "consultant", true), ("ZZ101", nil, "consultant", false),
        ]
        for (org, workgroup, user, serves) in cases {
            let world = related { ($0.org, $0.workgroup, $0.user) = (org, workgroup, user) }
            let expected = serves ? "permit agreement [10, 20, 27]" : "withhold relationship []"
            #expect(world.ask("consultant", "2018-02-02", item) == expected)
        }
    }

    @Test func `a relationship with any linked subject serves the union`() {
        var world = PolicyWorld.sample { $0.consentModel = .implied }
        world.patient(.relationshipCreated, scope: .subjects([4])) { $0.org = "RBD" }
        #expect(world.ask("consultant", "2018-02-02", item) == "permit agreement [10, 20, 27]")
    }

    @Test func `a day ends at its last microsecond; grace never follows a written to`() {
        let world = related {
            $0.org = "RBD"
            $0.to = PolicyWorld.end("2018-05-01")
        }
        #expect(
            world.ask("consultant", "2018-05-01T22:59:59.999999Z", item) == "permit agreement [10, 20, 27]")
        #expect(world.ask("consultant", "2018-05-01T23:00:00Z", item) == "withhold relationship [27]")
        var ended = related { $0.org = "RBD" }
        ended.patient(.relationshipEnded, at: "2018-02-02") {
            $0.id = "rel"
            $0.to = PolicyWorld.end("2018-02-03")
        }
        #expect(ended.ask("consultant", "2018-02-03T23:59:59Z", item) == "permit agreement [10, 20, 27]")
        #expect(ended.ask("consultant", "2018-02-04", item) == "withhold relationship [28]")
        var now = related { $0.org = "RBD" }
        now.patient(.relationshipEnded, at: "2018-02-02T12:00:00Z") { $0.id = "rel" }
        #expect(now.ask("consultant", "2018-02-02T11:59:59.999999Z", item) == "permit agreement [10, 20, 27]")
        #expect(now.ask("consultant", "2018-02-02T12:00:00Z", item) == "withhold relationship [28]")
    }

    @Test func `a feed's end is followed by the grace period, in calendar days of the store's zone`() {
        var world = related { $0.org = "RBD" }
        world.patient(.relationshipEnded, at: "2018-02-20T10:00:00Z") {
            $0.id = "rel"
            $0.byFeed = true
        }
        #expect(
            world.ask("consultant", "2018-04-03T22:59:59.999999Z", item) == "permit agreement [10, 20, 27]")
        #expect(world.ask("consultant", "2018-04-03T23:00:00Z", item) == "withhold relationship [28]")
    }

    @Test func `relationships end at death plus grace; then purpose after-death`() {
        var world = related { $0.org = "RBD" }
        world.patient(.deceased, at: "2018-03-05") { $0.date = CivilDate("2018-03-01") }
        #expect(
            world.ask("consultant", "2018-04-12T22:59:59.999999Z", item) == "permit agreement [10, 20, 27]")
        #expect(world.ask("consultant", "2018-04-12T23:00:00Z", own) == "withhold relationship [28]")
        #expect(
            world.ask("consultant", "2018-04-13", own, purpose: "after-death")
                == "permit own-organisation [20, 27]")
        #expect(
            world.ask("consultant", "2018-04-13", item, purpose: "after-death") == "withhold agreement []")
        #expect(
            world.ask("consultant", "2018-03-04", own, purpose: "after-death") == "withhold relationship []")
    }

    func permitting(_ facts: [(PatientFactKind, String, (inout PatientFact) -> Void)]) -> PolicyWorld {
        var world = PolicyWorld.sample()
        world.patient(.relationshipCreated, at: "2018-02-01T09:00:00Z") { $0.org = "RBD" }
        for (kind, time, fill) in facts { world.patient(kind, at: time, fill) }
        return world
    }

    @Test func `permission never creates a relationship`() {
        var world = PolicyWorld.sample()
        world.patient(.permissionToView, at: "2018-02-01") { $0.user = "consultant" }
        #expect(world.ask("consultant", "2018-02-02", item) == "withhold relationship []")
    }

    @Test func `a permission lasts as it says, or else the region's period`() {
        #expect(permitting([]).ask("consultant", "2018-02-02", item) == "withhold permission []")
        let stated = permitting([
            (
                .permissionToView, "2018-02-02",
                { ($0.user, $0.duration) = ("consultant", CalendarDuration("P7D")) }
            )
        ])
        #expect(stated.ask("consultant", "2018-02-09T23:59:59Z", item) == "permit agreement [10, 20, 27, 28]")
        #expect(stated.ask("consultant", "2018-02-10", item) == "withhold permission [28]")
        let unstated = permitting([(.permissionToView, "2018-02-02", { $0.user = "consultant" })])
        #expect(
            unstated.ask("consultant", "2018-04-27T22:59:59Z", item) == "permit agreement [10, 20, 27, 28]")
        #expect(unstated.ask("consultant", "2018-04-27T23:00:00Z", item) == "withhold permission [28]")
    }

    @Test
    func
        `a permission once is spent by the first receipt under it, and lapses anyway after the region's period`()
    {
        var world = permitting([
            (
                .permissionToView, "2018-02-02",
                { ($0.org, $0.workgroup, $0.once) = ("RBD", "cardiology", true) }
            )
        ])
        #expect(world.ask("consultant", "2018-02-03", item) == "permit agreement [10, 20, 27, 28]")
        #expect(world.ask("consultant", "2018-05-01", item) == "withhold permission [28]")
        world.patient(.permissionSpent, at: "2018-02-04T12:00:00Z") { $0.spends = Position(28) }
        #expect(world.ask("consultant", "2018-02-04T11:59:59Z", item) == "permit agreement [10, 20, 27, 28]")
        #expect(world.ask("consultant", "2018-02-04T12:00:00Z", item) == "withhold permission [29]")
        #expect(world.ask("consultant", "2018-02-05", own) == "permit own-organisation [20, 27]")
    }

    @Test
    func
        `facts naming the user beat a workgroup's, those beat an organisation's; then the latest; refused is none`()
    {
        let user: (inout PatientFact) -> Void = { $0.user = "consultant" }
        let group: (inout PatientFact) -> Void = { ($0.org, $0.workgroup) = ("RBD", "cardiology") }
        let organisation: (inout PatientFact) -> Void = { $0.org = "RBD" }
        let day = "2018-02-02"
        let table: [([(PatientFactKind, String, (inout PatientFact) -> Void)], String)] = [
            ([(.permissionToView, day, organisation)], "permit agreement [10, 20, 27, 28]"),
            (
                [(.permissionToView, day, organisation), (.permissionRefused, day, user)],
                "withhold permission [29]"
            ),
            (
                [(.permissionRefused, day, user), (.permissionToView, day, organisation)],
                "withhold permission [28]"
            ),
            (
                [(.permissionRefused, day, organisation), (.permissionToView, day, group)],
                "permit agreement [10, 20, 27, 29]"
            ),
            (
                [(.permissionToView, day, user), (.permissionWithdrawn, day, user)],
                "withhold permission [29]"
            ),
            (
                [(.permissionWithdrawn, day, user), (.permissionToView, day, user)],
                "permit agreement [10, 20, 27, 29]"
            ),
            (
                [(.permissionToView, day, user), (.permissionRefused, day, group)],
                "permit agreement [10, 20, 27, 28]"
            ),
            ([(.permissionRefused, day, { $0.user = "gp" })], "withhold permission []"),
        ]
        for (facts, expected) in table {
            #expect(permitting(facts).ask("consultant", "2018-02-03", item) == expected)
        }
    }

    @Test func `permissions only the named subject's items`() {
        var world = permitting([])
        world.facts.subjects.append(SubjectID(organisation: "ZZ101", localID: "G7"))
        world.patient(.permissionToView, at: "2018-02-02", scope: .subjects([1])) { $0.user = "consultant" }
        #expect(world.ask("consultant", "2018-02-03", item) == "withhold permission []")
        #expect(
            world.ask("consultant", "2018-02-03", PolicyWorld.item("ZZ101", .diagnoses, subject: 1))
                == "permit agreement [10, 20, 27, 28]")
    }

    @Test func `the consent model is policy, switchable by date`() {
        var world = permitting([])
        var implied = Sample.settings
        implied.consentModel = .implied
        world.region(.settings(implied), at: "2018-03-01")
        #expect(world.ask("consultant", "2018-02-28", item) == "withhold permission []")
        #expect(world.ask("consultant", "2018-03-01", item) == "permit agreement [10, 20, 27]")
    }

    @Test func `could see uses events recorded by T; should have seen those known since`() {
        var world = permitting([(.permissionToView, "2018-02-02", { $0.user = "consultant" })])
        world.patient(.relationshipCreated, at: "2018-03-10") {
            $0.user = "gp"
            $0.from = PolicyWorld.instant("2018-01-01")
        }
        let ownOfPractice = PolicyWorld.item("ZZ101", .diagnoses)
        #expect(world.ask("gp", "2018-03-01", ownOfPractice) == "withhold relationship []")
        #expect(
            world.ask("gp", "2018-03-01", ownOfPractice, knownAt: world.position)
                == "permit own-organisation [17, 29]")
        #expect(world.ask("gp", "2018-03-10", ownOfPractice) == "permit own-organisation [17, 29]")
        world.patient(.dissentSet, at: "2018-03-12")
        #expect(
            world.ask("consultant", "2018-03-11", item, knownAt: world.position)
                == "permit agreement [10, 20, 27, 28]")
    }

    @Test func `facts carried over an unlink restrict and grant nothing`() {
        var world = PolicyWorld.sample()
        world.patient(.relationshipCreated, at: "2018-02-01", carried: true) { $0.org = "RBD" }
        #expect(world.ask("consultant", "2018-02-03", own) == "withhold relationship []")
        world.patient(.relationshipCreated, at: "2018-02-01") { $0.org = "RBD" }
        world.patient(.permissionToView, at: "2018-02-01", carried: true) { $0.user = "consultant" }
        #expect(world.ask("consultant", "2018-02-03", item) == "withhold permission []")
        world.patient(.dissentSet, at: "2018-02-02", carried: true)
        #expect(world.ask("consultant", "2018-02-03", item) == "withhold dissent [30]")
    }

    @Test func `an ending names every earlier fact of its kind with that id, and no later one`() {
        var world = related { $0.org = "RBD" }
        world.patient(.relationshipEnded, at: "2018-02-02") { $0.id = "rel" }
        world.patient(.relationshipCreated, at: "2018-02-03") {
            $0.id = "rel"
            $0.org = "RBD"
        }
        #expect(world.ask("consultant", "2018-02-02", item) == "withhold relationship [28]")
        #expect(
            world.ask("consultant", "2018-02-03", item)
                == "permit agreement [10, 20, 29]")
    }

    @Test func `the view as a whole is refused for want of a relationship`() {
        var world = PolicyWorld.sample()
        func whole() -> String {
            let point = DecisionPoint(instant: PolicyWorld.instant("2018-02-03"), position: world.position)
            let request = AccessRequest(viewer: Viewer(user: "consultant"), point: point)
            guard case .permit(let context) = world.history.decide(request, patient: world.facts) else {
                return ""
            }
            return PolicyWorld.text(context.decision)
        }
        #expect(whole() == "withhold relationship []")
        world.referConsultant()
        #expect(whole() == "permit relationship [20, 27]")
    }
}
