import HTTPTypes
import Hummingbird
import Server

/// A part of `/fhir`: its routes, on a router that answers errors as FHIR does and has the caller in the context.
protocol FHIRRouteGroup: Sendable {
    func add(to fhir: RouterGroup<ServerContext>)
}

/// `/fhir`: what is public, and behind a token everything else.
struct FHIRRoutes {
    let groups: [any FHIRRouteGroup]
    let capabilities: CapabilityStatement
    let authentication: AuthenticationMiddleware
    let beat: Duration

    func add(to router: Router<ServerContext>) {
        let fhir = router.group("fhir").add(middleware: HeadMiddleware())
            .add(middleware: FHIRErrorMiddleware(beat: beat))
        for method in [HTTPRequest.Method.get, .head] {
            fhir.on("metadata", method: method) { _, _ in
                Response.json(.ok, capabilities.json(), type: FHIRAnswer.contentType)
            }
        }
        let known = fhir.group().add(middleware: authentication)
        for group in groups { group.add(to: known) }
        refuseTheRest(router, known)
    }

    static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete]

    /// Methods that addresses with routes do not have, and those that do: `405` each.
    static func others(of routes: [(method: HTTPRequest.Method, path: String)]) -> [(
        method: HTTPRequest.Method, path: String, allowed: [HTTPRequest.Method]
    )] {
        let paths = Dictionary(grouping: routes.filter { $0.path.hasPrefix("/fhir") }, by: { $0.path })
        return paths.sorted { $0.key < $1.key }.flatMap { path, routes in
            let allowed = methods.filter { method in routes.contains { $0.method == method } }
            return methods.filter { !allowed.contains($0) }.map { ($0, path, allowed) }
        }
    }

    /// Addresses below which there is nothing: what goes on from there is none. Where a name of any kind may follow, the router takes it for
    /// that.
    static func ends(of paths: Set<String>) -> [String] {
        paths.filter { path in
            path.hasPrefix("/fhir") && !paths.contains { $0.hasPrefix(path + "/{") }
        }.sorted()
    }

    /// What has no route is answered as FHIR does, to those who may ask, and recorded: also an address that is none.
    private func refuseTheRest(_ router: Router<ServerContext>, _ known: RouterGroup<ServerContext>) {
        let fhir = known.group().add(middleware: FailureReceiptMiddleware(calls: authentication.calls))
        let routes = router.routes.map { (method: $0.method, path: "\($0.path)") }
        for other in Self.others(of: routes) {
            let allowed = other.allowed.map(\.rawValue).joined(separator: ", ")
            fhir.on(RouterPath(String(other.path.dropFirst("/fhir".count))), method: other.method) {
                (_: Request, _: ServerContext) async throws -> Response in
                throw FHIRError(
                    .methodNotAllowed, "not-supported", "BAD_REQUEST", "this address takes \(allowed)",
                    headers: [.allow: allowed])
            }
        }
        for path in Self.ends(of: Set(routes.map { $0.path })) {
            for method in Self.methods {
                fhir.on(RouterPath(String(path.dropFirst("/fhir".count)) + "/**"), method: method) {
                    (_: Request, _: ServerContext) async throws -> Response in
                    throw FHIRError(
                        .notFound, "not-found", "NO_RECORD_FOUND",
                        "there is nothing at this address: /fhir/metadata lists what there is")
                }
            }
        }
    }
}

extension ServerContext {
    /// Who asks: there is one behind the authentication.
    func authenticated() throws -> Caller {
        guard let caller else { throw FHIRError(CallerRefusal(.unauthenticated, "no-token", "no token")) }
        return caller
    }
}
