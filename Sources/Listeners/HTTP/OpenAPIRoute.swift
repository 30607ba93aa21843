import Hummingbird
import Intake

/// `/openapi.json` (OpenAPI 3.1): every route there is, and no other. A test compares it with the router's own list, both ways.
struct OpenAPIRoute {
    func add(to router: Router<ServerContext>) {
        let document = Self.document
        router.get("openapi.json") { _, _ in Response.json(.ok, document) }
    }

    static let document: [UInt8] = {
        var w = JSONWriter(capacity: 8 << 10)
        w.object { w in
            w.member("openapi", "3.1.0")
            w.key("info")
            w.object { w in
                w.member("title", "Daybook")
                w.member("version", "1")
                w.member("description", "A shared care record that can prove what it showed.")
            }
            w.key("components")
            w.object { w in
                w.key("securitySchemes")
                w.object { w in
                    w.key("bearer")
                    w.object { w in
                        w.member("type", "http")
                        w.member("scheme", "bearer")
                        w.member("bearerFormat", "JWT")
                    }
                }
            }
            w.key("paths")
            w.object { w in
                for path in paths {
                    w.key(path)
                    w.object { w in
                        for operation in OpenAPIOperation.all where operation.path == path {
                            operation.write(to: &w)
                        }
                    }
                }
            }
        }
        return w.finish()
    }()

    /// Each once, in the table's order.
    private static let paths = OpenAPIOperation.all.map(\.path).reduce(into: [String]()) { paths, path in
        if !paths.contains(path) { paths.append(path) }
    }
}
