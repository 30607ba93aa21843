import Foundation
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
        #expect(routes.subtracting(documented).sorted() == [])
        #expect(documented.subtracting(routes).sorted() == [])
        #expect(routes.count > 10)
    }
}
