import ArgumentParser
import Configuration
import Foundation
import Listeners
import Logging
import Server

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the store: HTTP, and commands of this machine beside it, until told to stop.",
        discussion: """
            Settings come from flags, then the environment (DAYBOOK_HTTP_PORT for http.port), then the file of --config, then what \
            --print-config shows without any of them. It listens on this machine alone unless told otherwise. While it runs, every \
            other command on the same store is run by it. SIGTERM or SIGINT stop it: what is under way ends first.
            """)

    @Option(help: ArgumentHelp("A YAML file of settings.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Where HTTP listens; port 0 takes any.", valueName: "host:port"))
    var http: String?

    @Option(
        help: ArgumentHelp(
            "Where HL7 v2 over MLLP is taken; needs mllp.source or mllp.senders.", valueName: "host:port"))
    var mllp: String?

    @Option(
        help: ArgumentHelp(
            "Whose messages come in at --mllp, unless their sender says otherwise.", valueName: "ods"))
    var mllpSource: String?

    @Flag(help: "Print every setting with the value it has, and stop.")
    var printConfig = false

    @OptionGroup var store: StoreOptions

    func run() async throws {
        let settings = try await settings()
        if printConfig {
            Output.write(settings.description + "\n")
            return
        }
        try store.insistOnStore()
        let server = StoreServer(settings)
        let served = try Store(
            at: store.path, masterKey: store.masterKeySource, options: try store.logOptions())
        defer { served.close() }
        try await server.run(served) { [path = store.path] address in
            Output.write("Serving \(path) at \(address). Stop it with Ctrl-C or SIGTERM.\n")
        }
    }

    private func settings() async throws -> ServeSettings {
        var providers: [any ConfigProvider] = [
            KeyMappingProvider(upstream: EnvironmentVariablesProvider()) { $0.prepending("daybook") }
        ]
        if let config {
            do { providers.append(try await FileProvider<YAMLSnapshot>(filePath: .init(config))) } catch {
                throw CommandFailure(status: .usage, message: "\(config): \(error)")
            }
        }
        do {
            var settings = try ServeSettings(ConfigReader(providers: providers))
            if let http {
                guard let endpoint = ServeSettings.Endpoint(http) else {
                    throw ValidationError("--http '\(http)': not HOST:PORT, such as 127.0.0.1:8480")
                }
                settings.http = endpoint
            }
            if let mllpSource { settings.mllpSources.port = mllpSource }
            if let mllp {
                guard let endpoint = ServeSettings.Endpoint(mllp) else {
                    throw ValidationError("--mllp '\(mllp)': not HOST:PORT, such as 127.0.0.1:2575")
                }
                settings.mllp = endpoint
            }
            try settings.check()
            guard Logger.Level(rawValue: settings.logLevel) != nil else {
                throw SettingsError(key: "logLevel", problem: "\(settings.logLevel) is no level")
            }
            return settings
        } catch let error as SettingsError {
            throw CommandFailure(status: .usage, message: "settings: \(error)")
        }
    }
}
