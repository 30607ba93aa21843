import Testing
import Wire

@testable import CareRecord

/// "Per viewer, in this order, each able to end it."
@Suite struct ViewerRuleTests {
    let item = PolicyWorld.item("ZZ101", .diagnoses)

    func world(_ change: (inout PolicyWorld) -> Void = { _ in }) -> PolicyWorld {
        var world = PolicyWorld.sample()
        world.referConsultant()
        change(&world)
        return world
    }

    @Test func `nobody known as a user sees anything, and there is no event to point at`() {
        #expect(world().ask("stranger", "2018-02-02", item) == "withhold user []")
        #expect(world().ask("consultant", "2017-10-15", item) == "withhold user []")
    }

    @Test func `organisation in force`() {
        let closed = world {
            $0.region(
                .organisationClosed(OrganisationClosure(ods: "RBD", from: PolicyWorld.instant("2018-03-01"))),
                at: "2018-02-15")
        }
        #expect(closed.ask("consultant", "2018-02-28T23:59:59Z", item) == "permit agreement [10, 20, 27, 28]")
        #expect(closed.ask("consultant", "2018-03-01T00:00:00Z", item) == "withhold organisation [29]")
        let reopened = world {
            $0.region(.organisationClosed(OrganisationClosure(ods: "RBD")), at: "2018-02-15")
            let details = OrganisationDetails(ods: "RBD", name: "Again", kind: .acute)
            $0.region(.organisationOnboarded(details), at: "2018-02-20")
        }
        #expect(reopened.ask("consultant", "2018-02-15T00:00:00Z", item) == "withhold organisation [29]")
        #expect(
            reopened.ask("consultant", "2018-02-20T00:00:00Z", item) == "permit agreement [10, 20, 27, 28]")
    }

    @Test func `charter in force`() {
        let ended = world { $0.region(.charterEnded(RegionEnd(id: "RBD")), at: "2018-02-15") }
        #expect(ended.ask("consultant", "2018-02-14T23:59:59Z", item) == "permit agreement [10, 20, 27, 28]")
        #expect(ended.ask("consultant", "2018-02-15", item) == "withhold charter [29]")
        var unsigned = PolicyWorld.sample()
        unsigned.region(.organisationOnboarded(OrganisationDetails(ods: "RD3", name: "P", kind: .acute)))
        unsigned.add(user: "nurse", "RD3", "R8001")
        #expect(unsigned.ask("nurse", "2018-01-01", item) == "withhold charter []")
        let late = unsigned.region(.charterSigned(.init(ods: "RD3", from: PolicyWorld.instant("2018-02-01"))))
        #expect(unsigned.ask("nurse", "2018-01-31", item) == "withhold charter [\(late.value)]")
        #expect(unsigned.ask("nurse", "2018-02-01", item) == "withhold agreement []")
    }

    @Test func `user in force`() {
        let left = world { $0.region(.userLeft(RegionEnd(id: "consultant")), at: "2018-02-15") }
        #expect(left.ask("consultant", "2018-02-14", item) == "permit agreement [10, 20, 27, 28]")
        #expect(left.ask("consultant", "2018-02-15", item) == "withhold user [29]")
    }

    @Test func `a licence assigned; a pool limits assignment, never a view`() {
        let released = world {
            $0.region(.licenceReleased(RegionEnd(id: "RBD", user: "consultant")), at: "2018-02-15")
        }
        #expect(released.ask("consultant", "2018-02-15", item) == "withhold licence [29]")
        let shrunk = world { $0.region(.licencePool(LicencePool(ods: "RBD", licences: 0)), at: "2018-02-15") }
        #expect(shrunk.ask("consultant", "2018-02-15", item) == "permit agreement [10, 20, 27, 28]")
    }

    @Test func `the one role profile chosen at sign-in, never a union of roles`() {
        let two = world {
            $0.region(
                .roleProfileAssigned(
                    RoleProfile(user: "consultant", id: "b", org: "RBD", code: "R8001", from: $0.now)),
                at: "2018-02-15")
        }
        #expect(two.ask("consultant", "2018-02-16", item) == "usage")
        #expect(two.ask("consultant", "2018-02-14", item) == "permit agreement [10, 20, 27, 28]")
        let documents = PolicyWorld.item("ZZ101", .documents)
        #expect(
            two.ask("consultant", "2018-02-16", documents, profile: "RBD/R8000")
                == "permit agreement [10, 20, 27, 28]")
        #expect(two.ask("consultant", "2018-02-16", documents, profile: "b") == "withhold category [13, 29]")
        #expect(two.ask("consultant", "2018-02-16", documents, profile: "c") == "withhold role []")
    }

    @Test func `a role profile counts from its first day through its last`() {
        var world = world()
        world.add(user: "locum", "RBD", "R8000", from: "2018-03-01", to: "2018-03-31")
        #expect(world.ask("locum", "2018-02-28T23:59:59Z", item) == "withhold role [31]")
        #expect(world.ask("locum", "2018-03-01T00:00:00Z", item) == "withhold permission []")
        #expect(world.ask("locum", "2018-03-31T22:59:59Z", item) == "withhold permission []")
        #expect(world.ask("locum", "2018-03-31T23:00:00Z", item) == "withhold role [31]")
        #expect(world.ask("locum", "2018-02-01", item, profile: "RBD/R8000") == "withhold user []")
        #expect(world.ask("locum", "2018-02-28", item, profile: "RBD/R8000") == "withhold licence [30]")
    }

    @Test func `a role without its baseline, or without the activity, sees nothing`() {
        let withdrawn = world { $0.region(.roleWithdrawn(RegionEnd(id: "R8000")), at: "2018-02-15") }
        #expect(withdrawn.ask("consultant", "2018-02-15", item) == "withhold role [20, 29]")
        var privacy = world()
        privacy.add(user: "officer", "RBD", "R0001")
        #expect(privacy.ask("officer", "2018-02-15", item) == "withhold activity [14, 31]")
        #expect(
            privacy.ask("officer", "2018-02-15", item, activity: "view-audit") == "withhold category [14, 31]"
        )
    }

    @Test func `staff exclusion, from any fact of the patient, until it is ended`() {
        let excluded = world {
            $0.patient(.staffExcluded, at: "2018-02-15", scope: .subjects([5])) { fact in
                fact.id = "ex"
                fact.user = "consultant"
            }
            $0.patient(.staffExclusionEnded, at: "2018-02-20") { $0.id = "ex" }
        }
        #expect(excluded.ask("consultant", "2018-02-14", item) == "permit agreement [10, 20, 27, 28]")
        #expect(
            excluded.ask("consultant", "2018-02-15", item)
                == "withhold staff-exclusion [29] concealed, told withhold unknown-patient []")
        #expect(excluded.ask("consultant", "2018-02-20", item) == "permit agreement [10, 20, 27, 28]")
        #expect(excluded.ask("gp", "2018-02-15", item) == "withhold relationship []")
    }

    @Test func `the first rule that fails is the one reported`() {
        let all = world {
            $0.region(.organisationClosed(OrganisationClosure(ods: "RBD")), at: "2018-02-15")
            $0.region(.charterEnded(RegionEnd(id: "RBD")), at: "2018-02-15")
            $0.region(.licenceReleased(RegionEnd(id: "RBD", user: "consultant")), at: "2018-02-15")
            $0.region(.roleWithdrawn(RegionEnd(id: "R8000")), at: "2018-02-15")
        }
        #expect(all.ask("consultant", "2018-02-15", item) == "withhold organisation [29]")
    }

    @Test func `the viewer is told as they were then`() throws {
        var world = world()
        world.region(.userChanged(UserDetails(id: "consultant", name: "Renamed")), at: "2018-03-01")
        let point = DecisionPoint(instant: PolicyWorld.instant("2018-02-15"), position: world.position)
        let identity = world.history.state(at: point).identity(of: Viewer(user: "consultant"))
        #expect(identity.name == "The consultant")
        #expect(identity.organisationName == "The RBD")
        #expect(identity.workgroups == ["cardiology"])
        #expect(identity.activities == ["view-record"])
    }
}
