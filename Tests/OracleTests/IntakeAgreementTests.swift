import CareRecord
import Ciphers
import Intake
import Testing
import Wire

/// What the generator means by a message is what intake makes of its bytes.
@Suite struct IntakeAgreementTests {
    private func draft(_ message: MessageSpec) -> Result<MessageDraft, IntakeReject> {
        if message.isHL7 {
            return HL7Intake(
                source: message.source, acceptsTraining: true, digest: { SHA256.hash($0).bytes }
            ).message(message.bytes, file: message.file)
        }
        return FHIRIntake(
            source: message.source, sourceIsLocalAuthority: message.source == "809",
            digest: { SHA256.hash($0).bytes }
        ).message(message.bytes, file: message.file)
    }

    @Test(arguments: UInt64(1)...60) func intakeReadsWhatWasMeant(seed: UInt64) throws {
        for case .ingest(_, let files) in History(seed: seed).steps {
            for message in files.joined() {
                switch draft(message) {
                case .failure(let reject):
                    Issue.record(
                        "seed \(seed): \(reject) in \(String(decoding: message.bytes, as: UTF8.self))")
                case .success(let draft) where message.isHL7: try compareHospital(draft, message, seed)
                case .success(let draft): try compare(draft, message, seed)
                }
            }
        }
    }

    /// Of a hospital's message the resources' spelling is taken from intake; all else is what was meant.
    private func compareHospital(_ draft: MessageDraft, _ message: MessageSpec, _ seed: UInt64) throws {
        let subject = try #require(draft.subjects.first)
        let about = try #require(message.patient)
        let place = "seed \(seed), \(message.file)"
        #expect(draft.subjects.count == 1, "\(place)")
        #expect(draft.meta.messageID.contains(message.identifier ?? "none"), "\(place)")
        #expect(subject.subject == SubjectID(organisation: about.organisation, localID: about.localID))
        #expect(draft.meta.asserted == message.timestamp, "\(place)")
        #expect(draft.meta.patient?.asserted == message.asserted ?? message.timestamp, "\(place)")
        try compareAssertion(draft.meta.patient, message.assertion)
        // One visit, told once, unless nobody has come; results under the status of their OBX-11.
        var isTold = message.visit != nil
        if case .planned = message.visit?.state { isTold = false }
        let words = [isTold, message.care != nil, message.identity != nil].count { $0 }
        #expect(draft.events.count == words, "\(place)")
        #expect(Self.care(draft) == [message.care].compactMap(\.self), "\(place)")
        #expect(subject.items.contains { $0.meta.type == "Encounter" } == (message.visit != nil), "\(place)")
        let fields = String(decoding: message.bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("OBX") }.map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        let results = subject.items.filter { $0.meta.type == "Observation" }
        try #require(results.count == fields.count, "\(place)")
        let statuses = [
            "P": "preliminary", "F": "final", "C": "corrected", "X": "cancelled", "D": "entered-in-error",
            "W": "entered-in-error",
        ]
        for (result, field) in zip(results, fields) {
            let resource = try JSONTree(parsing: try result.bytes(of: message.bytes))
            #expect(resource["status"]?.text == statuses[String(field[11])], "\(place)")
            let isGone = field[11] == "D" || field[11] == "W"
            #expect("\(result.meta.operation)" == (isGone ? "enteredInError" : "upsert"), "\(place)")
            #expect((resource["valueQuantity"] != nil) == (field[11] != "X"), "\(place)")
        }
    }

    /// What the draft says of whose care the patient is in, in the oracle's words; an id alone names no organisation of the oracle's.
    private static func care(_ draft: MessageDraft) -> [CareWord] {
        draft.events.compactMap { event in
            guard case .care(let said) = event else { return nil }
            let kind: CareWord.Kind =
                switch said.kind {
                case .person: .person
                case .episode: .episode
                case .team: .team
                case .referral: .referral
                }
            let state: CareWord.State =
                switch said.state {
                case .open(let until): .open(until: until?.microseconds)
                case .ended(let to): .ended(to.microseconds)
                case .over: .over
                case .neverWas: .neverWas
                }
            let named = said.organisations.filter { $0 == .ods($0.code) }.map(\.code)
            return CareWord(kind: kind, organisations: named, state: state, from: said.from?.microseconds)
        }
    }

    /// Of a Patient that names nobody nothing is said.
    private static func care(_ message: MessageSpec) -> [CareWord] {
        message.items.compactMap { item in
            guard let word = item.care else { return nil }
            return item.operation == .upsert ? word : CareWord(kind: word.kind, state: .neverWas)
        }.filter { $0 != CareWord(kind: .person) }
    }

    private func compare(_ draft: MessageDraft, _ message: MessageSpec, _ seed: UInt64) throws {
        let said = Self.care(draft).filter { $0 != CareWord(kind: .person) }
        #expect(said == Self.care(message), "seed \(seed), \(message.file)")
        let subject = try #require(draft.subjects.first)
        let about = try #require(message.patient)
        #expect(draft.subjects.count == 1, "seed \(seed)")
        #expect(subject.subject == SubjectID(organisation: about.organisation, localID: about.localID))
        try #require(subject.items.count == message.items.count, "seed \(seed)")
        for (item, meant) in zip(subject.items, message.items) {
            let meta = item.meta
            let where_ = "seed \(seed), \(message.file) \(meant.type)/\(meant.localID)"
            #expect(meta.type == meant.type && meta.sourceID == meant.localID, "\(where_)")
            #expect(
                meta.daybookID == HeldItem.daybookID(message.source, meant.type, meant.localID), "\(where_)")
            if meant.operation != .delete {
                #expect(meta.category.name == (meant.category ?? "cited"), "\(where_)")
                #expect(meta.effective == meant.effective, "\(where_)")
            }
            #expect("\(meta.operation)" == "\(meant.operation)", "\(where_)")
            #expect((meta.asserted ?? nil) == (meant.updated ?? message.timestamp), "\(where_)")
            guard let resource = meant.resource else { continue }
            let shown = HeldRecord.rewritten(resource, meant, message, message.source)
            let bytes = try item.bytes(of: message.bytes)
            #expect(try JSONTree(parsing: bytes) == shown, "\(where_)")
            let cited = Set(
                meant.references.map { reference in
                    let parts = reference.split(separator: "/").map(String.init)
                    return "\(parts[0])/\(HeldItem.daybookID(message.source, parts[0], parts[1]))"
                })
            #expect(Set(meta.references.filter { !$0.hasPrefix("Patient/") }) == cited, "\(where_)")
            let codes = Set(
                meant.codes.flatMap { set in set.codes.map { Coding(system: set.system, code: $0) } })
            #expect(codes.isSubset(of: Set(meta.codes)), "\(where_)")
            try compareParts(meta, bytes, shown)
        }
        try compareAssertion(draft.meta.patient, message.assertion)
    }

    /// What a Patient splits into, cut out of the content, is valid JSON, and the parts are what they say.
    private func compareParts(_ meta: ItemMeta, _ bytes: [UInt8], _ shown: JSONTree) throws {
        var rest = shown
        var left = bytes
        for split in meta.splits.reversed() {
            let name = split.category == .gpPractice ? "generalPractitioner" : "contact"
            rest[name] = nil
            left.removeSubrange(split.start..<split.end)
        }
        #expect(try JSONTree(parsing: left) == rest)
        #expect(rest["contact"] == nil || meta.type != "Patient")
    }

    private func compareAssertion(
        _ found: PatientAssertion?, _ meant: MessageSpec.Assertion?
    ) throws {
        #expect((found == nil) == (meant == nil))
        guard let found, let meant else { return }
        #expect(found.numbers.map(\.number.description) == meant.numbers.map(\.digits))
        #expect(found.numbers.map(\.verified) == meant.numbers.map(\.verified))
        #expect(found.birthDate == meant.birthDate)
        #expect(found.family == meant.family)
        #expect(found.given.first == meant.given)
        #expect(found.localIdentifiers == [meant.otherRecordNumber].compactMap { $0 })
    }

    @Test(arguments: BadInput.all) func badInputIsRefusedForAReason(input: BadInput) {
        let intake = FHIRIntake(source: "RBD", digest: { SHA256.hash($0).bytes })
        guard case .failure(let reject) = intake.message(input.bytes, file: "bad.json") else {
            Issue.record("\(input.name) was taken")
            return
        }
        let said = "\(reject.code.rawValue) \(reject)".lowercased()
        #expect(input.words.contains { said.contains($0) }, "\(input.name): \(said)")
    }
}
