import Foundation
import Testing

/// Overrides, seals, shields, cases and late paperwork, as users ask for them.
@Suite struct SharingRulesTests {
    static let head = ["view", "--patient", DemoStore.patient, "--format", "json"]

    func view(_ store: DemoStore, _ user: String, _ more: String..., status: Int32 = 0) throws -> [String:
        Any]
    {
        let done = try Command.run(Self.head + ["--as", user] + more, store: store.path)
        #expect(done.status == status, "\(done.out)\(done.err)")
        return try done.json()
    }

    func record(_ store: DemoStore, _ yaml: String, _ more: String..., status: Int32 = 0) throws -> Command {
        let file = try store.scratch.write("facts-\(UUID().uuidString).yaml", yaml)
        let done = try Command.run(["policy", "record", file] + more, store: store.path)
        #expect(done.status == status, "\(done.out)\(done.err)")
        return done
    }

    /// The patient is referred to the hospital as a whole: Dr Sedge of dermatology may ask too, without a permission.
    func referred() throws -> DemoStore {
        let store = try DemoStore()
        _ = try record(
            store,
            "- relationshipCreated: {id: rel-h, patient: \"9990177015\", org: ZZH01, kind: referral, from: 2018-02-01}\n",
            "--now", "2018-02-05T14:10:00Z")
        return store
    }

    func items(_ json: [String: Any]) -> [[String: Any]] { json["items"] as? [[String: Any]] ?? [] }
    func outcome(_ json: [String: Any]) -> String {
        let decision = json["decision"] as? [String: Any]
        return "\(decision?["outcome"] as? String ?? "") \(decision?["rule"] as? String ?? "")"
    }

    @Test(
        "Every override has a reason and an expiry, is declared by its own user, and raises an alert. By the command."
    )
    func anOverrideIsDeclaredByItsUserAndAlerts() throws {
        let store = try referred()
        #expect(outcome(try view(store, "dr-brook", status: 0)).hasPrefix("permit"))
        let practice =
            "{id: o1, patient: \"9990177015\", user: dr-sedge, kind: emergency, reason: unconscious"
        #expect(
            try record(store, "- overrideDeclared: \(practice), recordedBy: dr-rowan}\n", status: 2)
                .err.contains("only dr-sedge may declare it"))
        // Another operator may not, either.
        #expect(
            try record(
                store, "- overrideDeclared: \(practice), recordedBy: dr-sedge}\n", "--operator", "dr-rowan",
                status: 2
            ).err.contains("only dr-sedge"))
        let before = try view(store, "dr-sedge")
        #expect(!items(before).contains { $0["source"] as? String == "ZZG01" })
        _ = try record(store, "- overrideDeclared: \(practice)}\n", "--operator", "dr-sedge")
        let after = try view(store, "dr-sedge")
        let overridden = items(after).filter { $0["rule"] as? String == "override" }
        #expect(!overridden.isEmpty && overridden.allSatisfy { $0["source"] as? String == "ZZG01" })
        let receipt = try #require((after["receipt"] as? [String: Any])?["position"] as? Int)
        let shown = try store.expect(0, "access", "show", "#\(receipt)", "--format", "json").json()
        #expect((shown["overrides"] as? [Int])?.count == 1)
        let alerts = try store.expect(0, "access", "alerts", "--format", "json").json()
        let alert = try #require((alerts["items"] as? [[String: Any]])?.first)
        #expect(alert["kind"] as? String == "override" && alert["override"] as? String == "emergency")
        #expect(alert["user"] as? String == "dr-sedge" && alert["organisations"] as? [String] == ["ZZH01"])
        #expect(alert["about"] as? Int == (shown["overrides"] as? [Int])?.first)
        // Those who do not review alerts are refused them.
        try store.expect(3, "access", "alerts", "--operator", "dr-rowan")
        // It lasts an hour.
        try store.expect(0, "access", "list", "--now", "2018-02-05T23:00:00Z")
        #expect(!items(try view(store, "dr-sedge")).contains { $0["rule"] as? String == "override" })
    }

    @Test("`view --as` … and seal lifting take --case REF (the demo seeds one).")
    func aSealHidesFromOthersAndIsLiftedUnderACase() throws {
        let store = try referred()
        let seal = "{id: s1, patient: \"9990177015\", category: encounters, by: ZZH01, workgroup: cardiology"
        _ = try record(store, "- sealApplied: \(seal), locked: false, reason: asked}\n")
        let others = try view(store, "dr-sedge")
        #expect(!items(others).contains { $0["category"] as? String == "encounters" })
        let sealed = try #require(others["sealed"] as? [[String: Any]])
        #expect(sealed.map { $0["source"] as? String } == ["ZZH01"])
        #expect(sealed.map { $0["item"] as? String } == ["sealed item"])
        // Its own workgroup sees what it sealed.
        let own = try view(store, "dr-rowan")
        #expect(items(own).contains { $0["category"] as? String == "encounters" } && own["sealed"] == nil)

        let lifted = "- sealLifted: {id: s1, patient: \"9990177015\", by: guardian-1, reason: asked"
        #expect(
            try record(store, lifted + "}\n", "--operator", "guardian-1", status: 3).err.contains(
                "takes an open case"))
        let opened =
            "- caseOpened: {id: C-1, patient: \"9990177015\", reason: complaint, authority: guardian-1, for: P30D}\n"
        #expect(
            try record(
                store, opened.replacing("guardian-1", with: "dr-rowan"), "--operator", "dr-rowan", status: 3
            )
            .err.contains("may open a case"))
        _ = try record(store, opened, "--operator", "guardian-1")
        _ = try record(store, lifted + ", case: C-1}\n", "--operator", "guardian-1")
        #expect(items(try view(store, "dr-sedge")).contains { $0["category"] as? String == "encounters" })
    }

    @Test func aLockedSealShowsNothingOutsideItsWorkgroupAndACase() throws {
        let store = try referred()
        _ = try record(
            store,
            "- sealApplied: {id: s1, patient: \"9990177015\", category: encounters, by: ZZH01, "
                + "workgroup: cardiology, locked: true, reason: asked}\n"
                + "- caseOpened: {id: C-1, patient: \"9990177015\", reason: complaint, authority: guardian-1, for: P30D}\n"
        )
        let others = try view(store, "dr-sedge")
        #expect(others["sealed"] == nil)
        func tells(_ json: [String: Any]) -> Bool {
            (json["withheld"] as? [[String: Any]] ?? []).contains { $0["rule"] as? String == "seal" }
        }
        #expect(!tells(others))
        let auditor = ["--at", "2018-02-05T14:30:00Z", "--operator", "guardian-1"]
        let reconstructed = try Command.run(
            Self.head + ["--as", "dr-sedge", "--known-at", "#HEAD"] + auditor, store: store.path
        ).json()
        #expect(!tells(reconstructed))
        let underCase = try Command.run(
            Self.head + ["--as", "dr-sedge", "--known-at", "#HEAD", "--case", "C-1"] + auditor,
            store: store.path
        ).json()
        #expect(tells(underCase))
        let now = try Command.run(
            Self.head + [
                "--as", "dr-sedge", "--at", "2018-02-06", "--case", "C-1", "--operator", "guardian-1",
            ],
            store: store.path
        ).json()
        #expect(tells(now))
    }

    @Test func aShieldHidesWhereAndAnswersAsForNobody() throws {
        let store = try DemoStore()
        _ = try record(store, "- shieldSet: {patient: \"9990177015\", reason: protected}\n")
        let json = try view(store, "dr-rowan")
        #expect(json["shield"] as? String == "location-withheld")
        let shown = items(json)
        #expect(shown.count > 3 && shown.allSatisfy { $0["source"] == nil && $0["basis"] as? [Int] == [] })
        // The list of sources is the same for every patient; the rest may not name a source, a street or a practice.
        var rest = json
        rest["sources"] = nil
        rest["viewer"] = nil
        let text = String(decoding: try JSONSerialization.data(withJSONObject: rest), as: UTF8.self)
        for place in ["ZZG01", "ZZH01", "Lighthouse", "Harbour", "telecom", "address", "postalCode"] {
            #expect(!text.contains(place), "\(place)")
        }
        // By anything but the number, and without a relationship, it is the answer that a stranger to the store gets.
        func refusal(_ patient: String, _ user: String) throws -> String {
            let done = try Command.run(
                ["view", "--as", user, "--patient", patient, "--format", "json"], store: store.path)
            #expect(done.status == 3)
            var json = try done.json()
            json["receipt"] = nil
            json["patient"] = nil
            json["at"] = nil
            return String(
                decoding: try JSONSerialization.data(withJSONObject: json, options: .sortedKeys),
                as: UTF8.self
            ).replacing(patient, with: "the number asked")
        }
        #expect(try refusal(DemoStore.patient, "dr-sedge") == refusal("9990000018", "dr-sedge"))
    }

    @Test("`view` answers could see; only --known-at asks should have seen.")
    func latePaperworkIsWhatShouldHaveBeenSeen() throws {
        let store = try referred()
        // The permission that the patient gave on the first of the month is recorded two days after the question.
        let at = ["--at", "2018-02-05T15:00:00Z"]
        func view(_ more: String...) throws -> [String: Any] {
            try Command.run(Self.head + ["--as", "dr-sedge"] + at + more, store: store.path).json()
        }
        let could = try view()
        #expect(items(could).allSatisfy { $0["source"] as? String == "ZZH01" })
        _ = try record(
            store,
            "- permissionToView: {patient: \"9990177015\", user: dr-sedge, basis: asked, from: 2018-02-01, to: 2018-03-01}\n",
            "--now", "2018-02-07T09:00:00Z")
        let still = try view()
        #expect(items(still).count == items(could).count)
        let should = try view("--known-at", "2018-02-07")
        #expect((should["knownAt"] as? [String: Any])?["position"] is Int)
        let late = items(should).filter { $0["source"] as? String == "ZZG01" }
        #expect(!late.isEmpty && items(should).count == items(could).count + late.count)
        let tooEarly = try Command.run(
            Self.head + ["--as", "dr-sedge"] + at + ["--known-at", "2018-02-01"], store: store.path)
        #expect(tooEarly.status == 2 && tooEarly.err.contains("before --at"))
        let noTime = try Command.run(
            Self.head + ["--as", "dr-sedge", "--known-at", "2018-02-07"], store: store.path)
        #expect(noTime.status == 2 && noTime.err.contains("add --at"))
    }

    @Test(
        """
        `descendants: true` in a code set needs a terminology file (code, parent) named by the region; without one, \
        `region apply` says which sets it could not expand.
        """)
    func aTerminologyFileExpandsWhatIsBelow() throws {
        let store = try DemoStore()
        let region = try String(contentsOfFile: "samples/region.yaml", encoding: .utf8)
        let terms = "terminologies:\n  - {system: \"http://snomed.info/sct\", file: below.csv}\n"
        _ = try store.scratch.write(
            "below.csv", "code,parent\n86406008,\n111880001,86406008\n420543008,111880001\n")
        let asked = (terms + region).replacing("[\"86406008\"]}", with: "[\"86406008\"], descendants: true}")
        let file = try store.scratch.write("region.yaml", asked)
        let dry = try store.expect(0, "region", "apply", file, "--dry-run").out
        #expect(
            dry.contains("items coded 111880001, 420543008 (exclusion set sample-sensitive-set)"), "\(dry)")
        let without = try store.scratch.write("bare.yaml", asked.replacing(terms, with: ""))
        #expect(
            try store.expect(0, "region", "apply", without, "--dry-run").out.contains(
                "exclusion sample-sensitive-set: no terminology for http://snomed.info/sct"))
        let missing = try store.scratch.write("missing.yaml", asked.replacing("below.csv", with: "gone.csv"))
        #expect(try store.expect(2, "region", "apply", missing).err.contains("gone.csv"))
        _ = try store.scratch.write("below.csv", "code,parent\nodd\n")
        #expect(try store.expect(2, "region", "apply", file).err.contains("below.csv:2: must be code,parent"))
    }
}
