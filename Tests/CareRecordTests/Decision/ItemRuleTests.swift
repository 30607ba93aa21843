import Testing
import Wire

@testable import CareRecord

/// "Per item", each rule with the sentence it comes from.
@Suite struct ItemRuleTests {
    let item = PolicyWorld.item("ZZ101", .diagnoses)
    let own = PolicyWorld.item("RBD", .diagnoses)
    let permitted = "permit agreement [10, 20, 27, 28]"
    let ownPermitted = "permit own-organisation [20, 27]"

    func world(_ change: (inout PolicyWorld) -> Void = { _ in }) -> PolicyWorld {
        var world = PolicyWorld.sample()
        world.referConsultant()
        change(&world)
        return world
    }

    func ask(_ world: PolicyWorld, _ time: String = "2018-02-20", _ item: ItemDescriptor? = nil) -> String {
        world.ask("consultant", time, item ?? self.item)
    }

    @Test func `an agreement names controller, recipient, category and purpose`() {
        let world = world()
        #expect(ask(world) == permitted)
        #expect(ask(world, "2018-02-20", PolicyWorld.item("ZZ101", .imaging)) == "withhold agreement []")
        #expect(ask(world, "2018-02-20", PolicyWorld.item("RD3", .diagnoses)) == "withhold agreement []")
        #expect(ask(world, "2018-02-20", PolicyWorld.item("809", .socialCare)) == "withhold agreement []")
        #expect(
            world.ask(
                "consultant", "2018-02-20", PolicyWorld.item("809", .socialCare), purpose: "safeguarding")
                == "permit agreement [11, 20, 27, 28]")
        #expect(world.ask("consultant", "2018-02-20", item, purpose: "research") == "withhold agreement []")
    }

    @Test func `purpose emergency counts as direct-care under agreements`() {
        #expect(world().ask("consultant", "2018-02-20", item, purpose: "emergency") == permitted)
    }

    @Test
    func
        `all recipients: every non-commissioner whose charter was in force when it was signed or last amended`()
    {
        #expect(world().ask("commissioner", "2018-02-20", item) == "withhold agreement []")
        let late = world {
            $0.region(.organisationOnboarded(OrganisationDetails(ods: "RD3", name: "P", kind: .acute)))
            $0.region(.charterSigned(.init(ods: "RD3", from: PolicyWorld.instant("2017-12-01"))))
            $0.add(user: "nurse", "RD3", "R8001")
            $0.region(.agreementAmended(PolicyWorld.practiceAgreement), at: "2018-03-01")
        }
        #expect(late.ask("nurse", "2018-02-28", item) == "withhold agreement []")
        #expect(late.ask("nurse", "2018-03-01", item) == "withhold relationship []")
    }

    @Test
    func
        `an agreement suspended, ended or past its period shares nothing, and the event that did it is named`()
    {
        let suspended = world {
            $0.region(.agreementSuspended(RegionEnd(id: "PISA-ZZ101-1")), at: "2018-02-20")
            $0.region(.agreementResumed(RegionEnd(id: "PISA-ZZ101-1")), at: "2018-02-25")
        }
        #expect(ask(suspended) == "withhold agreement [29]")
        #expect(ask(suspended, "2018-02-25") == permitted)
        let ended = world {
            $0.region(.agreementEnded(RegionEnd(id: "PISA-ZZ101-1")), at: "2018-02-20")
            $0.region(.agreementSigned(PolicyWorld.practiceAgreement), at: "2018-02-25")
        }
        #expect(ask(ended, "2018-02-19") == permitted)
        #expect(ask(ended) == "withhold agreement [29]")
        #expect(ask(ended, "2018-02-25") == "permit agreement [20, 27, 28, 30]")
        let lapsed = world {
            var terms = PolicyWorld.practiceAgreement
            terms.to = PolicyWorld.end("2018-02-19")
            $0.region(.agreementAmended(terms), at: "2018-02-10")
        }
        #expect(ask(lapsed, "2018-02-19T23:59:59Z") == "permit agreement [20, 27, 28, 29]")
        #expect(ask(lapsed) == "withhold agreement [29]")
    }

    @Test func `the role's categories`() {
        var world = world()
        world.add(user: "nurse", "RBD", "R8001")
        let documents = PolicyWorld.item("ZZ101", .documents)
        #expect(world.ask("nurse", "2018-02-20", documents) == "withhold category [13, 31]")
        #expect(
            world.ask("nurse", "2018-02-20", PolicyWorld.item("RBD", .documents))
                == "withhold category [13, 31]")
        #expect(world.ask("nurse", "2018-02-20", own) == "permit own-organisation [27, 31]")
    }

    @Test func `exclusion set: codes never shared, whatever the agreement says, but the own organisation's`()
    {
        let sensitive = Coding(system: "http://snomed.info/sct", code: "86406008")
        let world = world {
            $0.region(
                .exclusionSetPublished(
                    ExclusionSet(
                        id: "s", reason: "r",
                        codes: [CodeList(system: sensitive.system, values: [sensitive.code])])),
                at: "2018-02-15")
        }
        let other = Coding(system: "urn:other", code: "86406008")
        let excluded = PolicyWorld.item("ZZ101", .diagnoses, codes: [other, sensitive])
        #expect(ask(world, "2018-02-14", excluded) == permitted)
        #expect(ask(world, "2018-02-20", excluded) == "withhold exclusion-set [29] concealed")
        // What else it shares comes without narrative, which might tell.
        #expect(
            ask(world, "2018-02-20", PolicyWorld.item("ZZ101", .diagnoses, codes: [other]))
                == permitted + " redacted narrative")
        #expect(
            ask(world, "2018-02-20", PolicyWorld.item("RBD", .diagnoses, codes: [sensitive])) == ownPermitted)
    }

    @Test func `dissent, set and withdrawn, on any linked subject binds the union`() {
        var dissenting = world {
            $0.facts.subjects.append(SubjectID(organisation: "ZZ101", localID: "G7"))
            $0.patient(.dissentSet, at: "2018-02-15", scope: .subjects([1]))
            $0.patient(.dissentWithdrawn, at: "2018-02-20", scope: .subjects([0]))
        }
        #expect(ask(dissenting, "2018-02-14") == permitted)
        #expect(ask(dissenting, "2018-02-15") == "withhold dissent [29]")
        #expect(ask(dissenting, "2018-02-20") == "withhold dissent [29]")
        #expect(ask(dissenting, "2018-02-20", own) == ownPermitted)
        dissenting.patient(.dissentWithdrawn, at: "2018-02-21", scope: .union)
        #expect(ask(dissenting, "2018-02-21") == permitted)
    }

    @Test func `an objection received withholds until decided`() {
        func objecting(_ decision: PatientFactKind?) -> PolicyWorld {
            world {
                $0.patient(.objectionReceived, at: "2018-02-15") { $0.id = "obj" }
                if let decision { $0.patient(decision, at: "2018-02-18") { $0.id = "obj" } }
            }
        }
        #expect(ask(objecting(nil)) == "withhold objection [29]")
        #expect(ask(objecting(nil), "2018-02-20", own) == ownPermitted)
        #expect(ask(objecting(.objectionDeclined), "2018-02-17") == "withhold objection [29]")
        #expect(ask(objecting(.objectionDeclined)) == permitted)
        #expect(ask(objecting(.objectionUpheld)) == "withhold objection [29, 30]")
    }

    @Test
    func `directives: the most specific scope wins, then the latest; ties deny; a permit lifts nothing else`()
    {
        func directive(
            _ world: inout PolicyWorld, _ id: String, _ outcome: DirectiveOutcome, from: String,
            _ fill: (inout PatientFact) -> Void
        ) {
            world.patient(.consentDirective, at: "2018-02-15") {
                $0.id = id
                $0.outcome = outcome
                $0.from = PolicyWorld.instant(from)
                fill(&$0)
            }
        }
        let denied = world {
            directive(&$0, "a", .deny, from: "2018-02-15") {
                $0.organisations = ["RBD"]; $0.categories = CategorySet([.diagnoses])
            }
        }
        #expect(ask(denied) == "withhold directive [29]")
        #expect(ask(denied, "2018-02-20", PolicyWorld.item("ZZ101", .documents)) == permitted)
        #expect(ask(denied, "2018-02-20", own) == ownPermitted)
        let elsewhere = world {
            directive(&$0, "a", .deny, from: "2018-02-15") { $0.organisations = ["809"] }
        }
        #expect(ask(elsewhere) == permitted)
        let lifted = world {
            directive(&$0, "a", .deny, from: "2018-02-15") { $0.organisations = ["RBD"] }
            directive(&$0, "b", .permit, from: "2018-02-14") { $0.user = "consultant" }
        }
        #expect(ask(lifted) == permitted)
        let later = world {
            directive(&$0, "a", .permit, from: "2018-02-15") { $0.organisations = ["RBD"] }
            directive(&$0, "b", .deny, from: "2018-02-16") { $0.organisations = ["RBD"] }
        }
        #expect(ask(later, "2018-02-15") == permitted)
        #expect(ask(later) == "withhold directive [30]")
        let tied = world {
            directive(&$0, "a", .deny, from: "2018-02-15") { $0.organisations = ["RBD"] }
            directive(&$0, "b", .permit, from: "2018-02-15") { $0.organisations = ["RBD"] }
        }
        #expect(ask(tied) == "withhold directive [29]")
        var withdrawn = denied
        withdrawn.patient(.directiveWithdrawn, at: "2018-02-18") { $0.id = "a" }
        #expect(ask(withdrawn) == permitted)
        var dissenting = lifted
        dissenting.patient(.dissentSet, at: "2018-02-18")
        #expect(ask(dissenting) == "withhold dissent [31]")
    }

    @Test func `label: a label needs a role that has it`() {
        let coded = Coding(system: "http://snomed.info/sct", code: "35489007")
        let world = world {
            $0.region(
                .sensitivityPublished(
                    SensitivitySet(
                        label: "PSY", codes: [CodeList(system: coded.system, values: [coded.code])])),
                at: "2018-02-15")
            $0.add(user: "nurse", "RBD", "R8001")
            $0.patient(.itemLabelled, at: "2018-02-16") {
                $0.org = "RBD"
                $0.item = "Condition/c2"
                $0.label = "PSY"
            }
        }
        let psychiatric = PolicyWorld.item("RBD", .diagnoses, codes: [coded])
        #expect(ask(world, "2018-02-20", psychiatric) == ownPermitted)
        #expect(world.ask("nurse", "2018-02-20", psychiatric) == "withhold label [29]")
        let labelled = PolicyWorld.item("RBD", .diagnoses, id: "c2")
        #expect(world.ask("nurse", "2018-02-20", labelled) == "withhold label [33]")
        #expect(
            world.ask("nurse", "2018-02-20", PolicyWorld.item("ZZ101", .diagnoses, id: "c2"))
                == "withhold permission []")
        #expect(
            world.ask("nurse", "2018-02-20", PolicyWorld.item("RBD", .diagnoses, id: "c3"))
                == "permit own-organisation [27, 32]")
    }

    @Test func `seal: what it names is withheld, own items too, until it is lifted`() {
        let sealed = world {
            $0.patient(.sealApplied, at: "2018-02-15") {
                $0.id = "s"
                $0.categories = CategorySet([.diagnoses])
            }
            $0.patient(.sealApplied, at: "2018-02-15") {
                $0.id = "t"
                $0.org = "ZZ101"
                $0.item = "Condition/c9"
            }
            $0.patient(.sealLifted, at: "2018-02-20") { $0.id = "s" }
        }
        #expect(ask(sealed, "2018-02-16") == "withhold seal [29] sealed item")
        #expect(ask(sealed, "2018-02-16", own) == "withhold seal [29] sealed item")
        #expect(
            ask(sealed, "2018-02-16", PolicyWorld.item("ZZ101", .diagnoses, id: "c9"))
                == "withhold seal [29, 30] sealed item")
        #expect(
            ask(sealed, "2018-02-16", PolicyWorld.item("ZZ101", .documents, id: "c9"))
                == "withhold seal [30] sealed item")
        #expect(ask(sealed) == permitted)
    }

    @Test func `shield: location is taken out, own items' too, until it is cleared`() {
        let shielded = world {
            $0.patient(.shieldSet, at: "2018-02-15")
            $0.patient(.shieldCleared, at: "2018-02-20")
        }
        #expect(ask(shielded, "2018-02-16") == permitted + " redacted location")
        #expect(ask(shielded, "2018-02-16", own) == ownPermitted + " redacted location")
        let contact = PolicyWorld.item("RBD", .nextOfKin)
        #expect(ask(shielded, "2018-02-16", contact) == "withhold shield [29]")
        #expect(ask(shielded) == permitted)
    }

    @Test
    func
        `own organisation's items skip agreement, exclusion set, dissent, objection, directive and permission`()
    {
        let world = world {
            $0.patient(.dissentSet, at: "2018-02-15")
            $0.patient(.objectionReceived, at: "2018-02-15")
            $0.patient(.consentDirective, at: "2018-02-15") { $0.outcome = .deny }
            $0.patient(.permissionRefused, at: "2018-02-15") { $0.user = "consultant" }
        }
        #expect(ask(world, "2018-02-20", own) == ownPermitted)
        #expect(ask(world) == "withhold dissent [29]")
        #expect(world.ask("gp", "2018-02-20", item) == "withhold relationship []")
    }

    @Test func `the successor becomes controller, and no access moves without a new agreement`() {
        let closed = world {
            $0.region(
                .organisationOnboarded(OrganisationDetails(ods: "ZZ109", name: "Merged", kind: .gp)),
                at: "2018-02-15")
            $0.region(.charterSigned(.init(ods: "ZZ109", from: PolicyWorld.instant("2018-02-15"))))
            $0.region(
                .organisationClosed(OrganisationClosure(ods: "ZZ101", successors: [.init(ods: "ZZ109")])),
                at: "2018-02-16")
            $0.add(user: "heir", "ZZ109", "R8000", from: "2018-02-16")
            $0.patient(.relationshipCreated) { $0.org = "ZZ109" }
        }
        #expect(ask(closed, "2018-02-15") == permitted)
        #expect(ask(closed) == "withhold agreement []")
        #expect(closed.ask("heir", "2018-02-20", item) == "permit own-organisation [34, 35]")
        let split = world {
            $0.region(
                .organisationClosed(
                    OrganisationClosure(
                        ods: "ZZ101",
                        successors: [.init(ods: "RBD", subjects: ["H1"]), .init(ods: "809", subjects: [])])),
                at: "2018-02-16")
            $0.facts.subjects.append(SubjectID(organisation: "ZZ101", localID: "G8"))
        }
        #expect(ask(split) == ownPermitted)
        #expect(
            ask(split, "2018-02-20", PolicyWorld.item("ZZ101", .diagnoses, subject: 1))
                == "withhold agreement [29]")
    }
}
