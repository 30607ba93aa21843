import CareRecord
import EventLog
import Projections
import Testing
import Wire

@testable import Server

/// DOMAIN.md, "Finding a patient": one test for each part of the sentence.
@Suite("Finding a patient") struct FindPatientTests {
    let fixture: FindStore

    init() throws {
        fixture = try FindStore()
        try fixture.send(FindStore.patient("G7"))
    }

    static let ann =
        #"{"name":"Ann HALLETT","birthDate":"1946-03-17","nhsNumber":"9990000018","postcodeDistrict":"BH15"}"#

    @Test("NHS number, or family name + date of birth + one more")
    func whatFinds() throws {
        #expect(try FindStore.matches(fixture.find(number: "9990000018")) == [Self.ann])
        #expect(try FindStore.matches(fixture.find()) == [Self.ann])
        #expect(try FindStore.matches(fixture.find(family: "HÁLLETT", given: "ann")) == [Self.ann])
        #expect(try FindStore.matches(fixture.find(given: nil, gender: "female")) == [Self.ann])
        #expect(try FindStore.matches(fixture.find(given: nil, postcode: "bh152aa")) == [Self.ann])
        for (family, born, given) in [
            ("Hallett", nil, "Ann"), (nil, "1946-03-17", "Ann"), ("Hallett", "1946-03-17", nil),
            (nil, nil, nil), ("Hallett", "1946", "Ann"), ("--", "1946-03-17", "Ann"),
        ] as [(String?, String?, String?)] {
            #expect(throws: StoreError.self, "\(family ?? "") \(born ?? "") \(given ?? "")") {
                try fixture.find(family: family, born: born, given: given)
            }
        }
        #expect(throws: StoreError.self) { try fixture.find(gender: "f") }
        #expect(throws: StoreError.self) { try fixture.find(postcode: "BH15") }
    }

    @Test("each of them must agree")
    func whatDoesNot() throws {
        for answer in [
            try fixture.find(family: "Hallet"), try fixture.find(born: "1946-03-18"),
            try fixture.find(given: "An"), try fixture.find(gender: "male"),
            try fixture.find(postcode: "SW1A 1AA"), try fixture.find(number: "9990000026"),
        ] {
            #expect(!answer.permitted && answer.rule == "unknown-patient" && answer.matches == 0)
        }
        // Another name since: the first finds nobody any more.
        try fixture.send(FindStore.patient("G7", family: "Sedge"))
        #expect(try fixture.find().matches == 0)
        #expect(try fixture.find(family: "Sedge").matches == 1)
    }

    @Test("no wildcards", arguments: ["Hal*", "H?llett", "%", "Hallet_"])
    func noWildcards(_ name: String) {
        #expect(throws: StoreError.self) { try fixture.find(family: name) }
        #expect(throws: StoreError.self) { try fixture.find(given: name) }
    }

    @Test("at most five matches, each with name, birth date, NHS number and postcode district")
    func atMostFive() throws {
        for (index, number) in FindStore.others.enumerated() {
            let answer = try fixture.find()
            #expect(answer.permitted && answer.matches == min(index, 4) + 1, "\(index)")
            if index == 4 { break }
            try fixture.send(FindStore.patient("G\(index + 10)", number: number))
        }
        try fixture.send(FindStore.patient("G99", number: "9990000069"))
        let before = try fixture.store.log.headPosition
        let many = try fixture.find()
        #expect(!many.permitted && many.rule == "too-many" && many.matches == 0)
        #expect(try FindStore.matches(many) == [] && many.receipts.map(\.position) == [before.next])
        #expect(try fixture.find(number: FindStore.ann).matches == 1)
    }

    @Test("of one name and birth date no more are looked at than there could be")
    func candidatesAreBounded() throws {
        let lines = (0..<Store.maximumCandidates).map { number in
            FindStore.patient("L\(number)", given: "Other\(number)").replacing(
                #/"identifier":\[.*?\],"name"/#, with: #""name""#)
        }
        let summary = try fixture.temporary.ingest(
            "ZZ101", lines.joined(separator: "\n"), name: "many.ndjson")
        #expect(summary.accepted == lines.count)
        #expect(try fixture.find().rule == "too-many")
    }

    @Test("a receipt per match, durable before the answer")
    func aReceiptPerMatch() throws {
        try fixture.send(FindStore.patient("G8", number: "9990000026", postcode: "DT1 1AA"))
        let before = try fixture.store.log.headPosition
        let answer = try fixture.find()
        #expect(answer.matches == 2 && answer.receipts.count == 2)
        let receipts = try fixture.receipts(since: before)
        #expect(receipts.map(\.position) == answer.receipts.map(\.position))
        for (receipt, id) in zip(receipts, ["G7", "G8"]) {
            #expect(receipt.receipt.question == .findPatient && receipt.receipt.kind == .actual)
            #expect(receipt.receipt.viewer?.user == "consultant-1" && receipt.receipt.shown == 1)
            #expect(receipt.detail?.items.map(\.reference) == ["Patient/ZZ101.\(id)"])
            #expect(
                receipt.detail?.query == "find-patient family=Hallett born=1946-03-17 given=Ann")
            let token = fixture.store.keys.token(of: PatientReference("ZZ101:\(id)")!)
            #expect(receipt.receipt.subjects == [token])
        }
        let text = try FindText().render(answer.json)
        #expect(text.contains("2 patients match:") && text.contains("999 000 0026 · DT1"))
        #expect(text.contains("Receipts \(answer.receipts[0].position), \(answer.receipts[1].position)"))
        // Nobody found: that is recorded too.
        let none = try fixture.find(given: "Zoe")
        let recorded = try fixture.receipts(since: receipts[1].position.next)
        #expect(recorded.map(\.position) == none.receipts.map(\.position))
        #expect(recorded[0].receipt.rule == "unknown-patient" && recorded[0].receipt.subjects == [])
        #expect(try FindText().render(none.json).contains("NOBODY who may be found matches."))
        fixture.store.close()
        defer { try? fixture.temporary.reopen() }
        #expect(try StoreVerification.run(at: fixture.temporary.directory).receiptProblems.isEmpty)
    }

    @Test("one patient of several subjects is one match, with one receipt that names them all")
    func aPatientOnce() throws {
        try fixture.send(FindStore.patient("H100"), from: "RBD")
        let answer = try fixture.find()
        #expect(answer.matches == 1)
        let receipt = try fixture.store.access(at: answer.receipts[0].position, asker: TemporaryStore.asker)
        #expect(receipt.receipt.subjects.count == 2)
    }

    // MARK: - Who is not found

    /// What the same questions say where the patient is hidden, and where nobody of that name was ever heard of.
    private func expectUnknown(_ user: String = "consultant-1", rule: String) throws {
        for (answer, nobody) in [
            (try fixture.find(user), try fixture.find(user, family: "Nobody")),
            (try fixture.find(user, number: FindStore.ann), try fixture.find(user, number: "9990000026")),
        ] {
            #expect(FindStore.told(answer) == FindStore.told(nobody))
            #expect(answer.receipts.count == nobody.receipts.count && !answer.permitted)
            // But the trail of the one who is hidden says who looked for them, and why they were not found.
            let receipt = try fixture.store.access(
                at: answer.receipts[0].position, asker: TemporaryStore.asker)
            #expect(receipt.detail?.decided?.rule == rule)
            let about = try fixture.store.accesses(
                TrailRequest(patient: PatientReference("ZZ101:G7"), asker: TemporaryStore.asker))
            #expect(about.contains { $0.position == receipt.position })
        }
    }

    @Test("and removes the patient from search, from those with view-shielded and a relationship too")
    func shielded() throws {
        try fixture.temporary.policy(
            """
            - shieldSet: {patient: "9990000018", reason: "protected address"}
            - relationshipCreated: {id: r1, patient: "9990000018", org: RBD, kind: referral}
            """)
        try expectUnknown(rule: "shield")
        try expectUnknown("gp-1", rule: "shield")
        try fixture.temporary.policy(#"- shieldCleared: {patient: "9990000018"}"#)
        #expect(try fixture.find().matches == 1)
    }

    @Test("whoever the patient excluded does not find them; a colleague does")
    func excluded() throws {
        try fixture.temporary.policy(
            #"- staffExcluded: {id: ex-1, patient: "9990000018", user: consultant-1, reason: "a relative"}"#)
        try expectUnknown(rule: "staff-exclusion")
        #expect(try fixture.find("gp-1").matches == 1)
    }

    @Test("a source whose demographics are not shared is not searched; its own staff find")
    func notShared() throws {
        try fixture.send(
            FindStore.patient("X1", number: "9990000026", family: "Carey"), from: "ZZ102")
        let hidden = try fixture.find(family: "Carey")
        #expect(FindStore.told(hidden) == FindStore.told(try fixture.find(family: "Nobody")))
        #expect(try fixture.find(number: "9990000026").matches == 0)
        // What the other source says of the patient does not lead to what this one says.
        try fixture.send(FindStore.patient("H9", number: "9990000026", family: "Carey"), from: "RBD")
        #expect(try fixture.find(family: "Carey").matches == 1)
        #expect(try fixture.find("gp-1", family: "Carey").matches == 0)
    }

    @Test(
        "dissent, objection and a directive hide what others hold",
        arguments: [
            (#"- dissentSet: {patient: "9990000018", reason: "asked"}"#, "dissent"),
            (#"- objectionReceived: {id: o1, patient: "9990000018"}"#, "objection"),
            (
                #"- consentDirective: {id: d1, patient: "9990000018", outcome: deny, organisations: [RBD], categories: [demographics]}"#,
                "directive"
            ),
        ])
    func sharingRefused(_ fact: String, _ rule: String) throws {
        try fixture.temporary.policy(fact)
        try expectUnknown(rule: rule)
        #expect(try fixture.find("gp-1").matches == 1, "the source's own patient")
    }

    @Test("a role without find-patient, or without demographics, finds nobody")
    func roles() throws {
        for (user, rule) in [("clerk-1", "activity"), ("nurse-1", "unknown-patient"), ("nobody", "user")] {
            let answer = try fixture.find(user)
            #expect(!answer.permitted && answer.rule == rule && answer.matches == 0, "\(user)")
            #expect(answer.receipts.count == 1)
        }
    }

    @Test("finding needs neither relationship nor permission, and gives none")
    func before() throws {
        #expect(try fixture.find().matches == 1)
        let view = try fixture.temporary.view("consultant-1", FindStore.ann)
        #expect(!view.answer.permitted && view.answer.rule == "relationship")
    }

    @Test("a replaced number does not lead from the old to the new")
    func replaced() throws {
        try fixture.temporary.policy(
            #"- nhsNumberReplaced: {patient: {org: ZZ101, id: G7}, from: "9990000018", to: "9990000050", reason: "protection"}"#
        )
        #expect(try fixture.find(number: "9990000018").matches == 0)
        #expect(try fixture.find(number: "9990000050").matches == 1)
        #expect(try FindStore.matches(fixture.find())[0].contains("99900000") == false)
    }

    @Test("an erased patient leaves nothing in the index, and a rebuilt one is equal")
    func erased() throws {
        let fixture = try ErasureFixture()
        let key = try #require(
            PersonKey.token(family: "Quillfeather", birthDate: "1961-07-23", fixture.store.keys))
        func entries() throws -> Int {
            try fixture.store.people.catchUp(to: fixture.store.log.headPosition)
            return try PeopleReader(fixture.store.people.view).subjects(under: key, limit: 10).count
        }
        #expect(try entries() == 2)
        let plan = try fixture.store.erasurePlan(fixture.request(ErasureFixture.number, allLinked: true))
        _ = try fixture.store.erase(
            fixture.request(ErasureFixture.number, allLinked: true, confirmation: plan.code))
        #expect(try PeopleReader(fixture.store.people.view).subjects(under: key, limit: 10).isEmpty)
        #expect(try fixture.store.rebuildProjection("people").difference == nil)
        #expect(try entries() == 0)
    }

    @Test("a real store's command line asks as nobody")
    func realStore() throws {
        let real = try TemporaryStore(simulatedClock: false)
        try real.apply(FindStore.region)
        var request = FindRequest(
            user: "consultant-1", search: PatientSearch(number: NHSNumber("9990000018")!),
            asker: TemporaryStore.asker)
        #expect(throws: StoreError.self) { try real.store.findPatient(request) }
        request.isAuthenticated = true
        #expect(try real.store.findPatient(request).rule == "unknown-patient")
    }
}
