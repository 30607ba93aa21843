import Hummingbird
import Intake

/// `/.well-known/smart-configuration`, beside the FHIR base as SMART App Launch 2.2 has it and at the root: what of SMART this server
/// does. It authorises clients that ask for themselves; people sign in at the region's identity service, which tells of itself.
struct SMARTConfiguration {
    static let path = ".well-known/smart-configuration"

    /// Where tokens are given.
    let tokenEndpoint: @Sendable () -> String

    func add(to router: Router<ServerContext>) {
        for path in [Self.path, "fhir/" + Self.path] {
            router.get(RouterPath(path)) { _, _ in Response.json(.ok, json()) }
        }
    }

    func json() -> [UInt8] {
        func list(_ name: String, _ values: [String], _ w: inout JSONWriter) {
            w.key(name)
            w.array { w in for value in values { w.string(value) } }
        }
        var w = JSONWriter(capacity: 1024)
        w.object { w in
            w.member("token_endpoint", tokenEndpoint())
            list("grant_types_supported", ["client_credentials"], &w)
            list("token_endpoint_auth_methods_supported", ["private_key_jwt"], &w)
            list(
                "token_endpoint_auth_signing_alg_values_supported", ClientAssertion.algorithms.sorted(), &w)
            list("scopes_supported", ["system/*.cruds"], &w)
            list("capabilities", ["client-confidential-asymmetric", "permission-v2"], &w)
        }
        return w.finish()
    }
}
