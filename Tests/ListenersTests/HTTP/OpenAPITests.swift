import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Listeners

/// `/openapi.json` against the router that serves.
@Suite struct OpenAPITests {
    @Test func everyRouteIsInTheDocumentAndNoOther() throws {
        let served = try ServedStore()
        let routes = Set(
            try served.application().router(served.own).routes.map {
                "\($0.method.rawValue.lowercased()) \($0.path)"
            })
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(OpenAPIRoute.document)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let documented = Set(paths.flatMap { path, methods in methods.keys.map { "\($0) \(path)" } })
        // What is only there to say that it is not is no part of what can be asked.
        let listed = documented.map { pair in
            let parts = pair.split(separator: " ", maxSplits: 1).map(String.init)
            return (method: HTTPRequest.Method(parts[0].uppercased())!, path: parts[1])
        }
        let refused = Set(
            FHIRRoutes.others(of: listed).map { "\($0.method.rawValue.lowercased()) \($0.path)" }
                + FHIRRoutes.ends(of: Set(listed.map { $0.path })).flatMap { path in
                    FHIRRoutes.methods.map { "\($0.rawValue.lowercased()) \(path)/**" }
                })
        #expect(routes.subtracting(documented).subtracting(refused).sorted() == [])
        #expect(refused.subtracting(routes).sorted() == [])
        #expect(documented.subtracting(routes).sorted() == [])
        #expect(routes.count > 10)
    }

    /// Another method than those that an address takes is 405, whichever it is, and says which it takes.
    @Test func anotherMethodIsToldWhichThereAre() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            for (method, path, allowed) in [
                (.get, "/token", "POST"), (.trace, "/health/live", "GET"), (.post, "/metrics", "GET"),
                (.options, "/audit/access/1", "GET"), (.trace, "/fhir/Patient/x", "GET, HEAD, PUT, DELETE"),
                (.options, "/fhir/AuditEvent", "GET, HEAD"), (.trace, "/nothing", nil),
            ] as [(HTTPRequest.Method, String, String?)] {
                let answer = try await client.execute(uri: path, method: method)
                #expect(
                    answer.status == (allowed == nil ? .notFound : .methodNotAllowed), "\(method) \(path)")
                #expect(answer.headers[.allow] == allowed, "\(method) \(path)")
            }
        }
    }

    /// A body that is documented is looked for: none comes with these.
    @Test func whatHasNoBodyIsDocumentedWithoutOne() throws {
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(OpenAPIRoute.document)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        var found = 0
        for (path, methods) in paths {
            for (method, operation) in methods {
                let answers = operation["responses"] as? [String: [String: Any]] ?? [:]
                for (status, answer) in answers where ["204", "304"].contains(status) || method == "head" {
                    found += 1
                    #expect(answer["content"] == nil, "\(method) \(path) \(status)")
                }
            }
        }
        #expect(found > 10)
    }

    @Test func whatAnOperationTakesAndAnswersIsSaid() throws {
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(OpenAPIRoute.document)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        func operation(_ method: String, _ path: String) throws -> (
            names: Set<String>, statuses: Set<String>, body: Bool
        ) {
            let one = try #require(paths[path]?[method])
            let names = (one["parameters"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            #expect(names.count == Set(names).count, "\(method) \(path)")
            return (
                Set(names), Set((one["responses"] as? [String: Any] ?? [:]).keys), one["requestBody"] != nil
            )
        }
        let search = try operation("get", "/fhir/{type}")
        #expect(
            search.names.isSuperset(of: ["type", "patient", "patient.identifier", "_count", "_page", "_asof"])
        )
        #expect(
            search.statuses.isSuperset(of: ["200", "400", "401", "403", "404", "406", "414", "429", "503"]))
        let version = try operation("get", "/fhir/{type}/{id}/_history/{version}")
        #expect(version.statuses.contains("410") && version.names.contains("If-None-Match"))
        let update = try operation("put", "/fhir/{type}/{id}")
        #expect(update.body && update.names.contains("If-Match") && update.statuses.contains("412"))
        #expect(try operation("delete", "/fhir/{type}").names.contains("identifier"))
        let token = try operation("post", "/token")
        #expect(token.body && token.statuses.contains("413"))
        // What sends has a body, what reads has none.
        for (path, methods) in paths {
            for (method, one) in methods {
                #expect((one["requestBody"] != nil) == ["post", "put"].contains(method), "\(method) \(path)")
            }
        }
    }
}
