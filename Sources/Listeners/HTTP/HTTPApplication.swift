import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import Server
import ServiceLifecycle

/// The HTTP side: its routes and what every request passes through, as one service.
struct HTTPApplication {
    let store: Store
    let settings: ServeSettings
    let readiness: Readiness
    let metrics: PrometheusRegistry
    let logger: Logger
    /// Told the port once it listens.
    var onListening: @Sendable (Int) async -> Void = { _ in }

    func service() throws -> any Service {
        let configuration = ApplicationConfiguration(
            address: .hostname(settings.http.host, port: settings.http.port), serverName: "daybook")
        let listening = onListening
        return Application(
            router: router(), server: try server(), configuration: configuration,
            onServerRunning: { channel in await listening(channel.localAddress?.port ?? 0) }, logger: logger)
    }

    private func server() throws -> HTTPServerBuilder {
        guard let files = settings.tls else { return .http1() }
        return try .tls(.http1(), tlsConfiguration: files.serverConfiguration())
    }

    func router() -> Router<ServerContext> {
        let router = Router(context: ServerContext.self)
        router.add(middleware: TraceMiddleware())
        router.add(middleware: AccessLogMiddleware())
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: LimitMiddleware(limits: settings.httpLimits))
        HealthRoutes(readiness: readiness).add(to: router)
        MetricsRoute(store: store, registry: metrics).add(to: router)
        OpenAPIRoute().add(to: router)
        return router
    }
}

extension ServeSettings.TLSFiles {
    func serverConfiguration() throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate).map {
            NIOSSLCertificateSource.certificate($0)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }
}
