import Hummingbird

/// `/openapi.json`: every route there is. A test holds it to the router.
struct OpenAPIRoute {
    func add(to router: Router<ServerContext>) {
        router.get("openapi.json") { _, _ in Response.json(.ok, Array(Self.document.utf8)) }
    }

    static let document = """
        {"openapi":"3.1.0","info":{"title":"Daybook","version":"1","description":"A shared care record that can prove what it showed."},
        "paths":{
        "/health/live":{"get":{"summary":"Whether the process answers","responses":{"200":\(answer("It does"))}}},
        "/health/ready":{"get":{"summary":"Whether it can serve, or what keeps it from that","responses":{
        "200":\(answer("It can")),"503":\(answer("It cannot: problems says why"))}}},
        "/metrics":{"get":{"summary":"Measurements, as Prometheus reads them","responses":{
        "200":{"description":"Text exposition format 0.0.4","content":{"text/plain":{"schema":{"type":"string"}}}}}}},
        "/openapi.json":{"get":{"summary":"This document","responses":{"200":\(answer("OpenAPI 3.1"))}}}
        }}
        """

    private static func answer(_ description: String) -> String {
        #"{"description":"\#(description)","content":{"application/json":{"schema":{"type":"object"}}}}"#
    }
}
