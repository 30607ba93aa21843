import CareRecord
import Foundation
import HTTPTypes
import HummingbirdTesting
import Projections
import Server
import Testing
import Wire

@testable import Listeners

/// `/audit/access` tells of an access no more than its AuditEvent does.
@Suite struct AccessTellingTests {
    private static let number = ServedStore.number
    /// Who audits, and is not told what is withheld.
    private static let auditor =
        "  - {id: audit-1, name: Jo Audit, scope: region, roles: [{org: ZZH01, code: R0009, from: 2017-10-01}]}\n"

    private func served() throws -> ServedStore {
        try ServedStore(users: LookUpTests.lead + Self.auditor) {
            $0.replacing(
                "  - {code: R0001,",
                with:
                    "  - {code: R0009, name: Auditor, categories: [], activities: [view-audit]}\n  - {code: R0001,"
            )
        }
    }

    /// What is told, but for where it stands, when, by whose trace, and the names asked for.
    private func told(_ answer: TestResponse, _ names: [String]) -> String {
        var text = answer.text.replacing(/[0-9a-f]{32}/, with: "").replacing(
            /"time":"[^"]*"/, with: "")
        text = text.replacing(/"position":[0-9]+/, with: "").replacing(/"policy":[0-9]+/, with: "")
        for name in names { text = text.replacing(name, with: "X") }
        return "\(answer.status.code) \(text)"
    }

    /// By the receipt of a refusal nobody learns whether what was asked for is held, nor whose it is.
    @Test func aRefusalDoesNotTellWhatIsHeld() async throws {
        let served = try served()
        let unknown = "9990000018"
        try await served.serving(beat: .zero) { client in
            for user in ["privacy-1", "lead-1", "audit-1"] {
                let token = try served.development(user)
                func receipt(_ path: String, of asker: String) async throws -> TestResponse {
                    let refused = try await client.get(path, served.development(asker))
                    #expect(refused.status.code >= 400, "\(path): \(refused.text)")
                    let position = try #require(refused.headers[FHIRAnswer.receipt])
                    return try await client.plain("/audit/access/\(position)", token)
                }
                for asker in [user, "dr-sedge"] {
                    for (known, none, names) in [
                        ("Observation/ZZG01.o-no", "Observation/ZZG01.o-x", ["o-no", "o-x"]),
                        ("Observation/ZZH01.o-k", "Observation/ZZH01.o-n", ["o-k", "o-n"]),
                        ("Condition/ZZG01.none/_history", "Condition/ZZG01.nine/_history", ["none", "nine"]),
                        (
                            "Observation?patient.identifier=\(Self.number)",
                            "Observation?patient.identifier=\(unknown)", [Self.number, unknown]
                        ),
                    ] where !(user == "lead-1" && asker == user) {
                        let held = try await receipt(known, of: asker)
                        let never = try await receipt(none, of: asker)
                        #expect(held.status == .ok, "\(user) \(asker) \(known): \(held.text)")
                        #expect(told(held, names) == told(never, names), "\(user) \(asker) \(known)")
                        #expect(!held.text.contains("H7731") && !held.text.contains("G104"))
                    }
                }
            }
        }
    }

    /// A patient's trail does not say to those who asked that what they asked for is that patient's.
    @Test func whoLookedUpDoesNotFindThemselvesInThePatientsTrail() async throws {
        let served = try served()
        try await served.serving(beat: .zero) { client in
            let token = try served.development("privacy-1")
            let refused = try await client.get(
                "Observation/ZZH01.o-k", served.development("privacy-1", scope: "user/*.rs"))
            #expect(refused.status == .notFound)
            let position = try #require(UInt64(refused.headers[FHIRAnswer.receipt] ?? ""))
            func positions(_ path: String) async throws -> [UInt64] {
                let answer = try await client.plain("/audit/access?\(path)", token)
                return (answer.json["items"] as? [[String: Any]] ?? []).compactMap {
                    $0["position"] as? UInt64
                }
            }
            #expect(try await positions("user=privacy-1").contains(position))
            #expect(try await !positions("patient=\(Self.number)").contains(position))
            #expect(try await !positions("patient=\(Self.number)&user=privacy-1").contains(position))
            // Somebody else's question is there, for whoever names the patient.
            let other = try await client.get("Observation/ZZH01.o-k", served.development("dr-sedge"))
            let others = try #require(UInt64(other.headers[FHIRAnswer.receipt] ?? ""))
            #expect(try await positions("patient=\(Self.number)").contains(others))
        }
    }

    @Test func howMuchWasWithheldIsToldToWhoMayKnow() async throws {
        let served = try served()
        try await served.serving(beat: .zero) { client in
            let shown = try await client.get(
                "Observation?patient.identifier=\(Self.number)", served.token())
            let position = try #require(shown.headers[FHIRAnswer.receipt])
            for (user, isTold) in [("privacy-1", true), ("audit-1", false)] {
                let token = try served.development(user)
                for path in [
                    "/audit/access/\(position)", "/audit/access?patient=\(Self.number)&user=dr-rowan",
                ] {
                    let answer = try await client.plain(path, token)
                    #expect(answer.status == .ok && answer.text.contains("dr-rowan"), "\(answer.text)")
                    #expect(answer.text.contains(#""withheld""#) == isTold, "\(user) \(path): \(answer.text)")
                }
            }
        }
    }

    /// Where a shielded patient is stands in no access that is told to who may not see it.
    @Test func aShieldedPatientsPlacesAreNotTold() async throws {
        let served = try served()
        try await served.serving(beat: .zero) { client in
            _ = try await client.get("Observation?patient=ZZH01.H7731", served.token())
            let shown = try await client.get("Observation?patient.identifier=\(Self.number)", served.token())
            let position = try #require(shown.headers[FHIRAnswer.receipt])
            let privacy = try served.development("privacy-1")
            let open = try await client.plain("/audit/access/\(position)", privacy)
            #expect(open.text.contains(#""sources":["ZZ"#), "\(open.text)")
            try served.policy(
                Array("- shieldSet: {patient: \"\(Self.number)\", reason: court order}\n".utf8))
            for path in [
                "access/\(position)", "access?patient=\(Self.number)&user=dr-rowan", "access?user=dr-rowan",
            ] {
                let answer = try await client.plain("/audit/\(path)", privacy)
                #expect(answer.status == .ok && answer.text.contains(#""sources":[]"#), "\(answer.text)")
                #expect(
                    !answer.text.contains("H7731") && !answer.text.contains(#""sources":["# + "\""),
                    "\(answer.text)")
                // Who may see where they are is told.
                let lead = try await client.plain("/audit/\(path)", served.development("lead-1"))
                #expect(lead.text.contains(#""sources":["ZZ"#), "\(lead.text)")
            }
            // By a local id they are nobody.
            let held = try await client.plain("/audit/access?patient=ZZH01:H7731&user=dr-rowan", privacy)
            let none = try await client.plain("/audit/access?patient=ZZH01:H7739&user=dr-rowan", privacy)
            #expect(held.text == none.text && held.text.contains(#""items":[]"#), "\(held.text)")
        }
    }

    /// A patient and a user: read a window at a time, the same receipts as both lists have.
    @Test func ofAPatientAndAUser() async throws {
        let served = try served()
        try await served.serving(beat: .zero) { client in
            for user in ["dr-rowan", "dr-brook", "dr-rowan"] {
                for number in [Self.number, "9990177023"] {
                    _ = try await client.get(
                        "Observation?patient.identifier=\(number)", served.development(user))
                }
            }
            func items(_ patient: String?, _ user: String?) throws -> Set<Position> {
                Set(
                    try served.store.accesses(
                        TrailRequest(
                            patient: patient.map { PatientReference($0)! }, user: user,
                            asker: Asker(systemUser: "test"))
                    ).map(\.position))
            }
            let (of, by) = (try items(Self.number, nil), try items(nil, "dr-rowan"))
            let both = try items(Self.number, "dr-rowan")
            #expect(both.count == 2 && both == of.intersection(by))
        }
    }

    /// Look-ups that are not told move neither a page's end nor whether there is another.
    @Test func whatIsNotToldMovesNoPage() async throws {
        let served = try served()
        let before = try served.store.log.head.position.value
        try await served.serving(beat: .zero) { client in
            let token = try served.development("privacy-1", scope: "user/*.rs")
            for number in 0..<6 {
                _ = try await client.get("Observation?patient.identifier=\(Self.number)", served.token())
                _ = try await client.get("Observation/ZZH01.\(number % 2 == 0 ? "o-k" : "o-n")", token)
            }
            let to = try served.store.log.head.position.value
            for count in 1...7 {
                let page = try await client.plain(
                    "/audit/access?patient=\(Self.number)&after=\(before)&to=%23\(to)&count=\(count)", token)
                let items = (page.json["items"] as? [[String: Any]] ?? []).compactMap {
                    $0["position"] as? UInt64
                }
                #expect(items.count == min(6, count), "\(page.text)")
                #expect(page.json["next"] as? UInt64 == (count < 6 ? items.last : nil), "\(page.text)")
            }
        }
    }
}
