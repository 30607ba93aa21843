import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import Server
import ServiceLifecycle
import Synchronization

/// The HTTP side: its routes and what every request passes through, as one service.
struct HTTPApplication {
    let store: Store
    var settings: ServeSettings
    let readiness: Readiness
    let metrics: PrometheusRegistry
    /// Where what sources send is taken.
    let lane: IntakeLane
    let logger: Logger
    /// Told the port once it listens.
    var onListening: @Sendable (Int) async -> Void = { _ in }
    var feedLimits = FeedLimits()
    /// After what shows nothing came, the answer goes at the next multiple of this.
    var beat = FHIRErrorMiddleware.usualBeat
    /// What rates go by.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// Bytes of a batch of reads, answered, at which no more of it is.
    var batchBytes = ReadBatch.maximumBytes
    /// Where it listens: known once it does.
    private let port = ListeningPort()

    func service() throws -> any Service {
        let configuration = ApplicationConfiguration(
            address: .hostname(settings.http.host, port: settings.http.port), serverName: "daybook",
            availableConnectionsDelegate: MaximumAvailableConnections(settings.httpLimits.connections))
        let listening = onListening
        let own = try OwnTokens(store)
        return Application(
            router: router(own), server: try server(), configuration: configuration,
            onServerRunning: { [port] channel in
                port.number.store(channel.localAddress?.port ?? 0, ordering: .relaxed)
                await listening(channel.localAddress?.port ?? 0)
            }, logger: logger)
    }

    private func server() throws -> HTTPServerBuilder {
        let limits = settings.httpLimits
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let limit = AdaptiveLimit(most: limits.atOnce, processors: processors)
        let pace = RefusalPace(processors: processors)
        let peers = PeerConnections(limit: limits.connectionsByPeer)
        let memory = HeldMemory(limit: limits.heldBytes)
        let http1 = HTTPServerBuilder.http1(
            configuration: .init(
                // The pace nearer to the peer: it sees what the gate answers by itself, too.
                additionalChannelHandlers: [
                    ConnectionPace(limits, peers: peers, memory: memory),
                    GateHandler(limit: limit, pace: pace),
                ],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: 256)))
        guard let files = settings.tls else { return http1 }
        return try .tls(http1, tlsConfiguration: ServedCertificate(files).configuration())
    }

    func router(_ own: OwnTokens) -> Router<ServerContext> {
        let router = Router(context: ServerContext.self)
        router.add(middleware: TraceMiddleware())
        router.add(middleware: AccessLogMiddleware())
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: LimitMiddleware(limits: settings.httpLimits))
        HealthRoutes(readiness: readiness).add(to: router)
        MetricsRoute(figures: StoreFigures(store, logger: logger, factory: metrics), registry: metrics).add(
            to: router)
        OpenAPIRoute().add(to: router)
        let calls = StoreCalls(store)
        let address: @Sendable () -> String = { [settings, port] in
            let host = ServeSettings.Endpoint(
                host: settings.http.host, port: port.number.load(ordering: .relaxed))
            let address = settings.access.address
            return address.isEmpty ? "\(settings.tls == nil ? "http" : "https")://\(host)" : address
        }
        let base: @Sendable () -> String = { address() + "/fhir" }
        let tokens: @Sendable () -> String = { address() + "/token" }
        let refusals = RefusalRecorder(calls, now: now)
        TokenEndpoint(
            calls: calls, own: own, refusals: refusals, audience: settings.access.audience, address: tokens
        ).add(to: router)
        SMARTConfiguration(tokenEndpoint: tokens).add(to: router)
        let keys =
            settings.access.issuer.isEmpty || settings.access.keys.isEmpty
            ? nil : KeySource(settings.access.keys, logger: logger)
        readiness.add { keys?.note }
        let authentication = AuthenticationMiddleware(
            calls: calls, verifier: TokenVerifier(settings.access, own: own, keys: keys), refusals: refusals,
            limits: ClientLimits(settings.httpLimits, now: now))
        AuditRoutes(calls: calls, authentication: authentication, beat: beat).add(to: router)
        FeedRoutes(
            calls: calls, authentication: authentication, readiness: readiness,
            streams: FeedStreams(feedLimits), limits: feedLimits, beat: beat
        ).add(to: router)
        FHIRRoutes(
            groups: [
                ResourceRoutes(calls: calls, base: base),
                AuditEventRoutes(calls: calls, base: base),
                WriteRoutes(
                    calls: calls, lane: lane, base: base, bodyBytes: settings.httpLimits.bodyBytes),
                BundleRoute(
                    calls: calls, lane: lane, base: base, bodyBytes: settings.httpLimits.bodyBytes,
                    batchBytes: batchBytes, beat: beat),
                DeclarationRoutes(calls: calls),
            ], capabilities: CapabilityStatement(base: base, tokens: tokens),
            authentication: authentication, beat: beat
        ).add(to: router)
        return router
    }
}

/// The port, which is known once the server runs.
private final class ListeningPort: Sendable {
    let number = Atomic<Int>(0)
}
