import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Projections
import Server
import Testing
import Wire

@testable import Listeners

/// The way on from a denial: an override or a self-claim with a reason, its event and its alert, and then the read that it permits.
@Suite struct DeclarationTests {
    private let number = ServedStore.number
    private var path: String { "Observation?patient.identifier=\(number)" }

    /// dr-sedge has no relationship with the patient.
    private func sedge(_ served: ServedStore, _ scope: String = "user/*.rs") throws -> String {
        try served.development("dr-sedge", scope: scope)
    }

    private func parameters(_ more: String = "", reason: String = "unconscious", number: String? = nil)
        -> String
    {
        """
        {"resourceType":"Parameters","parameter":[{"name":"patient","valueIdentifier":\
        {"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\(number ?? self.number)"}},\
        {"name":"reason","valueString":"\(reason)"}\(more)]}
        """
    }

    @Test func anEmergencyOverridePermitsTheReadThatFollows() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try sedge(served)
            #expect(try await client.get(path, token).status == .forbidden)
            let alerts = try served.store.alerts(nil, asker: Asker(systemUser: "test")).count
            let before = try served.store.log.head.position
            let declared = try await client.declare("$override", parameters(), token)
            #expect(declared.status == .created, "\(declared.text)")
            // An event, and its alert in the same batch.
            let expires = try #require(
                (declared.json["parameter"] as? [[String: Any]])?.first {
                    $0["name"] as? String == "expires"
                }?[
                    "valueInstant"] as? String)
            #expect(try served.store.log.head.position == Position(before.value + 2))
            let raised = try served.store.alerts(nil, asker: Asker(systemUser: "test"))
            #expect(raised.count == alerts + 1 && raised.last?.alert.kind == .override)
            #expect(raised.last?.alert.user == "dr-sedge")
            let read = try await client.get(path, token)
            #expect(read.status == .ok && !read.matches.isEmpty, "\(read.text)")
            // It ends.
            try served.store.setClock(to: Instant(microseconds: Instant(rfc3339: expires)!.microseconds + 1))
            #expect(try await client.get(path, token).status == .forbidden)
        }
    }

    @Test func aSelfClaimIsARelationshipAndRaisesAnAlert() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try sedge(served)
            let declared = try await client.declare(
                "$self-claim", parameters(#",{"name":"period","valueString":"P1D"}"#), token)
            #expect(declared.status == .created, "\(declared.text)")
            let raised = try served.store.alerts(nil, asker: Asker(systemUser: "test"))
            #expect(raised.last?.alert.kind == .selfClaim)
            // The relationship is there; the permission that the region asks for is not, but for own items.
            let read = try await client.get(path, token)
            #expect(read.status == .ok, "\(read.text)")
            #expect(read.matches.allSatisfy { $0.contains("ZZH01.") })
        }
    }

    @Test func whoMayNotAndWhatSaysTooLittleIsRefusedAndRecorded() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let service = try await client.grant(served.assertion()).json["access_token"] as? String ?? ""
            let cases: [(String, String, String, Int, String)] = [
                // A role without the activity; a program; a token without a user's scopes.
                ("$override", parameters(), try served.development("clerk-fern"), 403, "activity"),
                ("$override", parameters(), service, 403, "scope"),
                ("$self-claim", parameters(), try sedge(served, "openid"), 403, "scope"),
                ("$override", parameters(reason: " "), try sedge(served), 400, "bad-request"),
                ("$override", parameters(number: "1234567890"), try sedge(served), 400, "bad-request"),
                (
                    "$override", parameters(#",{"name":"kind","valueCode":"curiosity"}"#), try sedge(served),
                    400, "bad-request"
                ),
                ("$override", "{}", try sedge(served), 400, "bad-request"),
            ]
            for (name, body, token, status, rule) in cases {
                let before = try served.store.log.head.position
                let answer = try await client.declare(name, body, token)
                #expect(answer.status.code == status, "\(name) \(body): \(answer.text)")
                let recorded = try served.accesses(after: before).map(\.receipt)
                #expect(recorded.map(\.rule) == [rule], "\(name) \(body)")
                #expect(recorded.allSatisfy { $0.question == .declaration && !$0.permitted })
                #expect(answer.headers[FHIRAnswer.receipt] != nil)
            }
        }
    }

    /// A patient nobody knows gets the same answer: declaring is no way to ask who is known.
    @Test func ofSomebodyUnknownItAnswersAlike() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try sedge(served)
            let known = try await client.declare("$override", parameters(), token)
            let unknown = try await client.declare("$override", parameters(number: "9990000018"), token)
            #expect(known.status == unknown.status)
            #expect(known.body.readableBytes == unknown.body.readableBytes)
        }
    }
}

extension TestClientProtocol {
    func declare(_ name: String, _ body: String, _ token: String) async throws -> TestResponse {
        try await execute(
            uri: "/fhir/" + name, method: .post,
            headers: [.authorization: "Bearer \(token)", .contentType: "application/fhir+json"],
            body: ByteBuffer(string: body))
    }
}
