import CareRecord
import Intake
import Testing

@Suite(.enabled(if: Corpora.folder != nil, "DAYBOOK_CORPORA is not set"))
struct RealInputTests {
    typealias F = IntakeFixture

    @Test func everySyntheaResourceComesOutEqual() throws {
        var resources = 0
        let bundles = try Corpora.synthea()
        #expect(bundles.count == 28)
        for (name, bytes) in bundles {
            let draft = try F.hospital.message(bytes, file: name).get()
            #expect(draft.raw == bytes)
            #expect(draft.subjects.count == 1 && draft.meta.isAboutPatient)
            let patient = try #require(draft.meta.patient)
            #expect(patient.birthDate?.utf8.count == 10 && patient.family != nil && !patient.given.isEmpty)
            resources += try compare(bytes, draft)
            let categories = Set(draft.items.map(\.meta.category))
            #expect(categories.isSuperset(of: [.demographics, .encounters, .observations]))
        }
        #expect(resources == 9492)
    }

    /// Compares every entry of a Bundle with its item; returns how many there are.
    private func compare(_ bytes: [UInt8], _ draft: MessageDraft) throws -> Int {
        let document = try JSONDocument(bytes)
        let entries = document.children(of: try #require(document.member("entry", of: 0)))
        try #require(entries.count == draft.items.count)
        var expected: [String: String] = [:]
        for (entry, item) in zip(entries, draft.items) {
            let url = document.string(try #require(document.member("fullUrl", of: entry)))
            expected[url] = "\(item.meta.type)/\(item.meta.daybookID)"
        }
        for (entry, item) in zip(entries, draft.items) {
            let resource = try #require(document.member("resource", of: entry))
            let derived = try JSONDocument(item.bytes(of: bytes))
            let comparison = DerivedContent(source: document, derived: derived) { reference in
                if let target = expected[reference] { return target }
                let parts = reference.split(separator: "/")
                let isLocal = parts.count == 2 && !reference.hasPrefix("urn:") && !reference.hasPrefix("#")
                return isLocal ? "\(parts[0])/RBD.\(parts[1])" : nil
            }
            let fault = comparison.fault(at: resource, expectedID: "RBD.\(item.meta.sourceID)")
            #expect(fault == nil)
            #expect(try ItemMeta(decoding: item.meta.encoded) == item.meta)
        }
        return entries.count
    }

    @Test func everyExampleComesOutEqualOrIsRefusedForAReason() throws {
        let file = FHIRFile(try Corpora.examples())
        #expect(file.kind == .lines && file.messages.count == 713)
        var refused: [String: String] = [:]
        for message in file.messages {
            let raw = Array(file.bytes[message.range])
            let root = try JSONDocument(raw).root
            let name = "\(root["resourceType"]?.string ?? "")/\(root["id"]?.string ?? "")"
            switch F.hospital.message(raw, file: "examples", line: message.line) {
            case .failure(let reject): refused[name] = reject.code.rawValue
            case .success(let draft): try check(draft, raw, name)
            }
        }
        #expect(refused == Self.refusals)
    }

    private func check(_ draft: MessageDraft, _ raw: [UInt8], _ name: String) throws {
        #expect(draft.raw == raw)
        for item in draft.items {
            let content = try item.bytes(of: raw)
            #expect(try ItemMeta(decoding: item.meta.encoded) == item.meta)
            if item.meta.operation == .delete { continue }
            let derived = try JSONDocument(content)
            #expect(derived.root["id"]?.string == item.meta.daybookID)
            #expect(derived.root["resourceType"]?.string == item.meta.type)
            guard draft.items.count == 1, !name.hasPrefix("Bundle/") else { continue }
            let source = try JSONDocument(raw)
            let comparison = DerivedContent(source: source, derived: derived) { reference in
                let parts = reference.split(separator: "/", omittingEmptySubsequences: false)
                guard parts.count == 2 || parts.count == 4 && parts[2] == "_history",
                    Self.isType(parts[0])
                else { return nil }
                let version = parts.count == 4 ? "/_history/\(parts[3])" : ""
                return "\(parts[0])/RBD.\(parts[1])\(version)"
            }
            #expect(comparison.fault(at: 0, expectedID: "RBD.\(item.meta.sourceID)") == nil, "\(name)")
        }
    }

    private static func isType(_ text: Substring) -> Bool {
        text.first?.isUppercase == true && text.allSatisfy { $0.isASCII && $0.isLetter }
    }

    /// What is refused of the official examples, and why.
    static let refusals: [String: String] = [
        // Messages, registers and lists of several patients; a mother beside her child; one patient acting
        // for another.
        "Bundle/10bb101f-a121-4264-a920-67be9cb82c74": "two-patients",
        "Bundle/3a0707d3-549e-4467-b8b8-5a2ab3800efe": "two-patients",
        "Bundle/72ac8493-52ac-41bd-8d5d-7258c289b5ea": "two-patients",
        "Bundle/b248b1b2-1686-4b94-9936-37d7a5f94b51": "two-patients",
        "Consent/consent-example-grantor": "two-patients",
        "Group/102": "two-patients",
        "List/long": "two-patients",
        "Observation/trachcare": "two-patients",
        "Task/example3": "two-patients",
        "TestScript/testscript-example-history": "two-patients",
        "TestScript/testscript-example-update": "two-patients",
        // Two versions of one resource in one collection.
        "Bundle/bundle-references": "duplicate-resource",
        // Reads, and a deletion of whatever a search finds.
        "Bundle/bundle-request-medsallergies": "unsupported-request",
        "Bundle/bundle-request-simplesummary": "unsupported-request",
        "Bundle/bundle-transaction": "unsupported-request",
        // The patient without an identity: inside the resource, or by an insurer's number alone.
        "Claim/100152": "patient-contained",
        "Claim/100155": "patient-contained",
        "Claim/MED-00050": "patient-contained",
        "Observation/10minute-apgar-score": "patient-contained",
        "Observation/1minute-apgar-score": "patient-contained",
        "Observation/20minute-apgar-score": "patient-contained",
        "Observation/2minute-apgar-score": "patient-contained",
        "Observation/5minute-apgar-score": "patient-contained",
        "QuestionnaireResponse/3141": "patient-contained",
        "Claim/100154": "patient-unresolved",
        // Patients of other servers.
        "Person/pp": "patient-elsewhere",
        "QuestionnaireResponse/bb": "patient-elsewhere",
        "QuestionnaireResponse/ussg-fht-answers": "patient-elsewhere",
        "ServiceRequest/myringotomy": "patient-elsewhere",
    ]
}
