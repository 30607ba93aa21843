import Listeners
import Logging
import Metrics
import Server

/// Serves a store from this process, with its commands beside it, until told to stop: what `serve` and `demo` share.
struct StoreServer {
    private let settings: ServeSettings
    private let metrics = PrometheusRegistry()
    private let logger: Logger

    /// Once in a process, and before the store is opened: from here on what is counted and logged has somewhere to go.
    init(_ settings: ServeSettings) {
        self.settings = settings
        MetricsSystem.bootstrap(metrics)
        let level = Logger.Level(rawValue: settings.logLevel) ?? .info
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        logger = Logger(label: "daybook")
    }

    /// - Parameters:
    ///   - stopAfter: stops by itself then, as if told to; nil: never.
    ///   - onListening: told HTTP's address once it listens.
    func run(
        _ store: Store, stopAfter: Duration? = nil, onListening: @escaping @Sendable (String) -> Void
    ) async throws {
        let control = ControlListener(path: store.paths.control, logger: logger) { call, reply in
            ServedCommand(store: store, call: call, reply: reply).run()
        }
        let serving = Serving(store: store, settings: settings, metrics: metrics, logger: logger)
        let host = settings.http.host
        let scheme = settings.tls == nil ? "http" : "https"
        let door = settings.mllp?.host ?? ""
        try await serving.run(
            control: control, stopAfter: stopAfter,
            onListening: { port in
                onListening("\(scheme)://\(ServeSettings.Endpoint(host: host, port: port))")
            },
            onMLLPListening: { port in
                Output.write("HL7 v2 over MLLP at \(ServeSettings.Endpoint(host: door, port: port)).\n")
            })
    }
}
