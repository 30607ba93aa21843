import EventLog
import Logging
import Metrics
import Server
import ServiceLifecycle

/// Everything that `daybook serve` runs, as one group of services: what listens is started last and stopped first.
public struct Serving: Sendable {
    let store: Store
    let settings: ServeSettings
    let logger: Logger
    let metrics: PrometheusRegistry
    let readiness: Readiness

    public init(store: Store, settings: ServeSettings, metrics: PrometheusRegistry, logger: Logger) {
        (self.store, self.settings, self.metrics, self.logger) = (store, settings, metrics, logger)
        readiness = Readiness(store: store)
    }

    /// Runs until the process is told to stop (SIGTERM or SIGINT) or something fails; then what is under way ends first.
    ///
    /// - Parameters:
    ///   - control: runs the commands that come over the control socket at that path.
    ///   - stopAfter: stops by itself then, as if told to; nil: never.
    ///   - onListening: told the HTTP port once it listens; `onMLLPListening`: MLLP's.
    public func run(
        control: ControlListener, stopAfter: Duration? = nil,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in },
        onMLLPListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let lane = IntakeLane(store: store)
        var http = HTTPApplication(
            store: store, settings: settings, readiness: readiness, metrics: metrics, lane: lane,
            logger: logger)
        http.onListening = onListening
        var services: [any Service] = [FoldingService(store: store), lane, control, try http.service()]
        if let endpoint = settings.mllp {
            var mllp = MLLPListener(
                endpoint: endpoint, limits: settings.mllpLimits,
                tls: try settings.tls.map {
                    try ServedCertificate($0).configuration(
                        clientAuthorities: settings.mllpClientAuthorities)
                },
                door: SourceDoor(sources: settings.mllpSources, lane: lane, logger: logger), logger: logger)
            mllp.onListening = onMLLPListening
            services.append(mllp)
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        if let stopAfter {
            configuration.services.append(
                .init(
                    service: StopTimer(duration: stopAfter),
                    successTerminationBehavior: .gracefullyShutdownGroup))
        }
        configuration.maximumGracefulShutdownDuration = .seconds(settings.drainSeconds)
        // Last, so that it hears first: who asks is told before anything ends.
        configuration.services.append(.init(service: StoppingNotice(readiness: readiness)))
        try await ServiceGroup(configuration: configuration).run()
    }
}

/// Keeps the read models folding as the log grows.
struct FoldingService: Service {
    let store: Store

    func run() async throws {
        store.startFolding()
        try await gracefulShutdown()
    }
}

/// Says that the server stops, as soon as it is to.
struct StoppingNotice: Service {
    let readiness: Readiness

    func run() async throws {
        try await gracefulShutdown()
        readiness.stop()
    }
}

/// Ends when its time is up, or when everything else does.
struct StopTimer: Service {
    let duration: Duration

    func run() async throws {
        let duration = duration
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }
    }
}
