import Foundation
import Server
import Testing

@testable import Listeners

/// What the CapabilityStatement says, held against the router: nothing is claimed that has no route, and no route is kept quiet.
@Suite struct CapabilityTests {
    private static let byInteraction = [
        "read": "GET /fhir/{type}/{id}", "vread": "GET /fhir/{type}/{id}/_history/{version}",
        "history-instance": "GET /fhir/{type}/{id}/_history", "history-type": "GET /fhir/{type}/_history",
        "search-type": "GET /fhir/{type}", "create": "POST /fhir/{type}", "update": "PUT /fhir/{type}/{id}",
        "delete": "DELETE /fhir/{type}/{id}", "patch": "PATCH /fhir/{type}/{id}", "transaction": "POST /fhir",
        "batch": "POST /fhir", "history-system": "GET /fhir/_history", "search-system": "GET /fhir",
    ]
    /// What has no code of its own, and who says it.
    private static let others = [
        "GET /fhir/metadata", "GET /fhir/.well-known/smart-configuration", "POST /fhir/{type}/_search",
        "POST /fhir/AuditEvent/_search",
    ]

    private func codes(_ list: Any?) -> Set<String> {
        Set((list as? [[String: Any]] ?? []).compactMap { $0["code"] as? String ?? $0["name"] as? String })
    }

    /// A condition is answered for the types of which that is claimed, and of the others refused.
    @Test func conditionsAreTakenWhereTheyAreClaimed() async throws {
        try await WriteTests.serving { client, _, feed in
            let metadata = try await client.get("metadata", feed)
            let rest = try #require((metadata.json["rest"] as? [[String: Any]])?.first)
            var claimed = 0
            for resource in try #require(rest["resource"] as? [[String: Any]]) {
                guard let type = resource["type"] as? String, type != "AuditEvent" else { continue }
                let isClaimed = try #require(resource["conditionalCreate"] as? Bool)
                #expect(resource["conditionalUpdate"] as? Bool == isClaimed)
                #expect(resource["conditionalDelete"] as? String == (isClaimed ? "single" : "not-supported"))
                let id = type == "Patient" ? #""id":"H7731","# : ""
                // Its patient where resources of the type name one.
                let path = SearchParameters.named("patient", of: type)?.paths.first ?? []
                let whose = path.reversed().reduce(#"{"reference":"Patient/H7731"}"#) { value, member in
                    member == "participant" ? #"{"participant":[\#(value)]}"# : #"{"\#(member)":\#(value)}"#
                }
                let body =
                    #"{"resourceType":"\#(type)",\#(id)"identifier":[{"system":"urn:c","value":"1"}]"#
                    + (path.isEmpty || type == "Provenance" ? "}" : ",\(whose.dropFirst())")
                let answer = try await client.send(
                    .post, type, feed, body, [("If-None-Exist", "identifier=urn:c%7C1")])
                if isClaimed {
                    claimed += 1
                    #expect([200, 201, 409].contains(answer.status.code), "\(type): \(answer.text)")
                } else {
                    #expect(
                        answer.status == .badRequest && answer.text.contains("not-supported"),
                        "\(type): \(answer.status) \(answer.text)")
                }
            }
            #expect(claimed > 15)
        }
    }

    @Test func everyClaimHasItsRouteAndEveryRouteItsClaim() throws {
        let served = try ServedStore()
        let routes = try served.application().router(served.own).routes.map {
            (method: $0.method, path: "\($0.path)")
        }
        let refused = OpenAPIOperation.all.filter { $0.answers.keys.contains(405) }.map {
            "\($0.method.uppercased()) \($0.path)"
        }
        let real = OpenAPIOperation.all.filter { $0.path.hasPrefix("/fhir") && $0.method != "head" }.map {
            "\($0.method.uppercased()) \($0.path)"
        }
        let there = Set(routes.map { "\($0.method.rawValue) \($0.path)" })
        #expect(Set(real).isSubset(of: there))
        let json = try #require(
            try JSONSerialization.jsonObject(
                with: Data(CapabilityStatement(base: { "b" }, tokens: { "t" }).json())) as? [String: Any])
        let rest = try #require((json["rest"] as? [[String: Any]])?.first)
        var claimed = Set(Self.others)
        for code in codes(rest["interaction"]) {
            claimed.insert(try #require(Self.byInteraction[code], "\(code)"))
        }
        for name in codes(rest["operation"]) { claimed.insert("POST /fhir/$\(name)") }
        for resource in try #require(rest["resource"] as? [[String: Any]]) {
            let type = try #require(resource["type"] as? String)
            for code in codes(resource["interaction"]) {
                let route = try #require(Self.byInteraction[code], "\(code)")
                claimed.insert(type == "AuditEvent" ? route.replacing("{type}", with: type) : route)
            }
            for name in codes(resource["operation"]) { claimed.insert("GET /fhir/{type}/{id}/$\(name)") }
            if resource["conditionalUpdate"] as? Bool ?? false { claimed.insert("PUT /fhir/{type}") }
            if resource["conditionalDelete"] as? String == "single" { claimed.insert("DELETE /fhir/{type}") }
        }
        #expect(claimed.subtracting(real).sorted() == [])
        #expect(Set(real).subtracting(claimed).subtracting(refused).sorted() == [])
    }
}
