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
    }
}

extension ServerContext {
    /// Who asks: there is one behind the authentication.
    func authenticated() throws -> Caller {
        guard let caller else { throw FHIRError(CallerRefusal(.unauthenticated, "no-token", "no token")) }
        return caller
    }
}
