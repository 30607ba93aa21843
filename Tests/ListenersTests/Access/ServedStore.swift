import Crypto
import CryptoExtras
import EventLog
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Intake
import Logging
import Server
import Testing
import Wire

@testable import Listeners

/// A store with the sample region, its patient and two clients, behind the real router; an issuer whose key the test holds.
final class ServedStore: Sendable {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let issuer = "https://identity.example"
    static let audience = "daybook"
    static let number = "9990177015"
    static let address = "https://daybook.example"

    let directory: String
    private let isKept: Bool
    let store: Store
    let key = P256.Signing.PrivateKey()
    /// Of the issuer as well, and of the client `rsa-service`: it takes a while to make one.
    static let rsa = try! _RSA.Signing.PrivateKey(keySize: .bits2048)
    static let modulus = Base64URL.encode(Array(try! rsa.publicKey.getKeyPrimitives().modulus))
    /// Of the client `results-service`.
    let clientKey = P384.Signing.PrivateKey()
    let own: OwnTokens
    /// The region file, clients included.
    private let region: [UInt8]

    static let clients = """

        clients:
          - {id: viewer-app, name: Results viewer, org: ZZH01, scopes: [user/*.rs, patient/*.rs]}
          - id: results-service
            name: Results service
            org: ZZH01
            scopes: [system/Observation.rs]
            actsAs: {user: dr-rowan}
            keys: [KEY]
          - id: rsa-service
            name: Older results service
            org: ZZH01
            scopes: [system/Observation.rs]
            actsAs: {user: dr-rowan}
            keys: [{kty: RSA, kid: r1, n: "MODULUS", e: AQAB}]
          - {id: lab-feed, name: Laboratory feed, org: ZZH01, scopes: [system/*.cud]}

        """

    /// - Parameters:
    ///   - users: more users of the region, as lines of its file.
    ///   - change: of the region file's text.
    init(users: String = "", _ change: (String) -> String = { $0 }) throws {
        (directory, isKept) = (NSTemporaryDirectory() + "daybook-served-\(UUID().uuidString)", false)
        try Store.create(at: directory, simulatedClock: true, now: Instant(rfc3339: "2018-01-08T08:00:00Z"))
        store = try Store(at: directory, now: Instant(rfc3339: "2018-01-08T09:00:00Z"))
        own = try OwnTokens(store)
        region = try Self.regionFile(clientKey, users: users, change)
        _ = try store.applyRegion(
            RegionFile(region, file: "region.yaml"), fileName: "region.yaml", asker: Asker(systemUser: "test")
        )
        try policy(Self.sample("sharing.yaml"), at: "2018-01-29T16:00:00Z")
        for (source, folder) in [("ZZG01", "practice"), ("ZZH01", "hospital")] {
            let files = try FileManager.default.contentsOfDirectory(
                atPath: Self.root.appending(path: "samples/\(folder)").path
            ).sorted()
            let inputs = try files.map {
                IngestInput(name: $0, bytes: try Self.sample("\(folder)/\($0)"), type: .fhir)
            }
            _ = try store.ingest(source: source, inputs: inputs)
        }
    }

    /// Applies the sample region with the clients.
    ///
    /// - Parameter change: of the file's text.
    func applyRegion(_ change: (String) -> String) throws {
        let yaml = try Self.regionFile(clientKey, users: "", change)
        _ = try store.applyRegion(
            RegionFile(yaml, file: "region.yaml"), fileName: "region.yaml", asker: Asker(systemUser: "test"))
    }

    private static func regionFile(
        _ clientKey: P384.Signing.PrivateKey, users: String, _ change: (String) -> String = { $0 }
    ) throws -> [UInt8] {
        let point = clientKey.publicKey.x963Representation.dropFirst()
        let (x, y) = (Base64URL.encode(Array(point.prefix(48))), Base64URL.encode(Array(point.suffix(48))))
        let clients = Self.clients.replacing(
            "KEY", with: #"{kty: EC, crv: P-384, kid: c1, alg: ES384, x: "\#(x)", y: "\#(y)"}"#
        )
        .replacing("MODULUS", with: Self.modulus)
        let listed = change(String(decoding: try Self.sample("region.yaml"), as: UTF8.self))
            .replacing("  - {id: guardian-1, ", with: users + "  - {id: guardian-1, ", maxReplacements: 1)
        return Array((listed + clients).utf8)
    }

    /// A store that is there already.
    ///
    /// - Parameter isKept: it stays when this goes.
    init(opening directory: String, options: LogOptions, isKept: Bool = false) throws {
        (self.directory, self.isKept) = (directory, isKept)
        region = []
        store = try Store(at: directory, options: options)
        own = try OwnTokens(store)
    }

    deinit {
        store.close()
        if isKept { return }
        for path in [directory, directory + ".key", directory + ".jwks"] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    static func sample(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: root.appending(path: "samples/\(path)")))
    }

    func policy(_ yaml: [UInt8], at time: String? = nil) throws {
        if let time { try store.setClock(to: Instant(rfc3339: time)!) }
        let file = try PatientPolicyFile(
            yaml, file: "policy.yaml", calendar: .london, declared: try store.regionDeclaration())
        _ = try store.recordPolicy(file.drafts, asker: Asker(systemUser: "test"))
    }

    /// Declares the region again, with that system of NHS numbers.
    func declare(numberSystem: String) throws {
        let yaml = String(decoding: region, as: UTF8.self).replacing(
            "https://fhir.nhs.uk/Id/nhs-number", with: numberSystem)
        _ = try store.applyRegion(
            RegionFile(Array(yaml.utf8), file: "region.yaml"), fileName: "region.yaml",
            approvedBy: "guardian-1", asker: Asker(systemUser: "test", user: "privacy-1"))
    }

    func application(lane: IntakeLane? = nil, readiness: Readiness? = nil) throws -> HTTPApplication {
        let point = Base64URL.encode(Array(key.publicKey.x963Representation.dropFirst().prefix(32)))
        let other = Base64URL.encode(Array(key.publicKey.x963Representation.suffix(32)))
        let set =
            #"{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","use":"sig","x":"\#(point)","y":"\#(other)"},\#(Self.rsaKey)]}"#
        try Data(set.utf8).write(to: URL(filePath: directory + ".jwks"))
        var settings = ServeSettings()
        settings.access.issuer = Self.issuer
        settings.access.audience = Self.audience
        settings.access.address = Self.address
        settings.access.keys = directory + ".jwks"
        return HTTPApplication(
            store: store, settings: settings, readiness: readiness ?? Readiness(store: store),
            metrics: PrometheusRegistry(), lane: lane ?? IntakeLane(store: store),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs the body against the router.
    func serving(
        beat: Duration = FHIRErrorMiddleware.usualBeat, feed: FeedLimits = FeedLimits(),
        readiness: Readiness? = nil, _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        var served = try application(readiness: readiness)
        (served.beat, served.feedLimits) = (beat, feed)
        try await serving(served, body)
    }

    func serving(
        _ application: HTTPApplication, _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await Application(router: application.router(own), logger: quiet).test(.router) {
            try await body($0)
        }
    }

    private static let rsaKey = #"{"kty":"RSA","kid":"r1","use":"sig","n":"\#(modulus)","e":"AQAB"}"#

    // MARK: Tokens

    /// Claims of a good token of a clinician's, changed by `change`; signed with the issuer's key unless told.
    func token(
        header: String = #"{"alg":"ES256","typ":"JWT","kid":"k1"}"#, key: P256.Signing.PrivateKey? = nil,
        _ change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> String {
        let now = Date().timeIntervalSince1970
        var claims: [String: Any] = [
            "iss": Self.issuer, "aud": Self.audience, "sub": "dr-rowan", "client_id": "viewer-app",
            "scope": "openid user/*.rs", "iat": Int(now), "exp": Int(now) + 600,
        ]
        change(&claims)
        let body = try JSONSerialization.data(withJSONObject: claims)
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(body))
        let signature = try (key ?? self.key).signature(for: Data(signed.utf8)).rawRepresentation
        return signed + "." + Base64URL.encode(Array(signature))
    }

    /// A good assertion of the client `results-service`, changed by `change`.
    func assertion(
        header: String = #"{"alg":"ES384","typ":"JWT","kid":"c1"}"#, key: P384.Signing.PrivateKey? = nil,
        _ change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> String {
        var claims: [String: Any] = [
            "iss": "results-service", "sub": "results-service", "aud": Self.address + "/token",
            "jti": UUID().uuidString, "exp": Int(Date().timeIntervalSince1970) + 240,
        ]
        change(&claims)
        let body = try JSONSerialization.data(withJSONObject: claims)
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(body))
        let signature = try (key ?? clientKey).signature(for: Data(signed.utf8)).rawRepresentation
        return signed + "." + Base64URL.encode(Array(signature))
    }

    func development(
        _ user: String?, scope: String = "user/*.rs", patient: String? = nil, profile: String? = nil
    ) throws -> String {
        try own.developmentToken(
            user: user, profile: profile, patient: patient, scope: scope, audience: Self.audience)!
    }

    /// A token of a client that asks for itself: with `user` only where the region file says whom it acts as.
    func system(_ client: String, scope: String) throws -> String {
        try own.endpointToken(client: client, scope: scope, audience: Self.audience)
    }

    /// Receipts after a position, oldest first.
    func accesses(after position: Position) throws -> [Access] {
        try store.accesses(TrailRequest(asker: Asker(systemUser: "test"))).filter {
            $0.position > position
        }
    }
}

extension TestClientProtocol {
    /// GET under /fhir with a bearer token.
    func get(
        _ path: String, _ token: String?, _ more: [(String, String)] = [], method: HTTPRequest.Method = .get
    ) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        for (name, value) in more { headers[HTTPField.Name(name)!] = value }
        return try await execute(uri: "/fhir/" + path, method: method, headers: headers)
    }
}

extension TestClientProtocol {
    /// GET with a bearer token.
    func plain(
        _ path: String, _ token: String?, _ more: [(String, String)] = []
    ) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        for (name, value) in more { headers[HTTPField.Name(name)!] = value }
        return try await execute(uri: path, method: .get, headers: headers)
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(buffer: body)) as? [String: Any]) ?? [:]
    }
    /// Resources of a Bundle that match, as `Type/id`.
    var matches: [String] {
        (json["entry"] as? [[String: Any]] ?? []).compactMap { entry in
            guard (entry["search"] as? [String: Any])?["mode"] as? String != "outcome",
                let resource = entry["resource"] as? [String: Any], let type = resource["resourceType"],
                let id = resource["id"]
            else { return nil }
            return "\(type)/\(id)"
        }
    }
}
