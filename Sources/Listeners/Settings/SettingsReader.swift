import Configuration

/// A setting that cannot be what it is said to be.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    public var key: String
    public var problem: String
    public var description: String { "\(key): \(problem)" }

    public init(key: String, problem: String) { (self.key, self.problem) = (key, problem) }
}

/// Reads settings where the configuration has them, and leaves the others as they are.
struct SettingsReader {
    private let configuration: ConfigReader

    init(_ configuration: ConfigReader) { self.configuration = configuration }

    func string(_ key: String, _ value: inout String) {
        value = configuration.string(forKey: ConfigKey(key), default: value)
    }

    func sources() throws(SettingsError) -> MLLPSources {
        var sources = MLLPSources()
        sources.port = configuration.string(forKey: "mllp.source")
        for text in configuration.stringArray(forKey: "mllp.senders") ?? [] { try sources.add(text) }
        for text in configuration.stringArray(forKey: "mllp.certificates") ?? [] {
            try sources.add(certificate: text)
        }
        return sources
    }

    func int(_ key: String, _ value: inout Int, _ range: ClosedRange<Int>) throws(SettingsError) {
        value = configuration.int(forKey: ConfigKey(key), default: value)
        guard range.contains(value) else {
            throw SettingsError(
                key: key, problem: "\(value) is not from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// - Returns: whether the configuration says anything of it.
    @discardableResult
    func endpoint(_ key: String, _ value: inout ServeSettings.Endpoint) throws(SettingsError) -> Bool {
        let host = configuration.string(forKey: ConfigKey("\(key).host"))
        let port = configuration.int(forKey: ConfigKey("\(key).port"))
        if let host { value.host = host }
        if let port { value.port = port }
        guard (0...65_535).contains(value.port) else {
            throw SettingsError(key: "\(key).port", problem: "\(value.port) is no TCP port")
        }
        return host != nil || port != nil
    }
}
