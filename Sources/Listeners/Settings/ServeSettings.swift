import Configuration

/// What `daybook serve` listens on, and within what bounds. Flags come before the environment (`DAYBOOK_HTTP_HOST` for
/// `http.host`), that before the file, that before what is written here.
public struct ServeSettings: Sendable {
    public var http = Endpoint(host: "127.0.0.1", port: 8480)
    public var httpLimits = HTTPLimits()
    /// Nil: no MLLP listener.
    public var mllp: Endpoint?
    public var mllpLimits = MLLPLimits()
    public var mllpSources = MLLPSources()
    public var access = AccessSettings()
    /// A certificate chain and its key, both PEM files, read again when they change. Nil: no TLS.
    public var tls: TLSFiles?
    /// A PEM file: whoever sends over MLLP must show a certificate that one of these signed. Nil: anybody may connect.
    public var mllpClientAuthorities: String?
    /// trace, debug, info, notice, warning, error or critical.
    public var logLevel = "info"
    /// Seconds that what is under way has to end in once the server is asked to stop.
    public var drainSeconds = 20

    /// An address and a TCP port; 0 takes any free one.
    public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
        public var host: String
        public var port: Int

        public init(host: String, port: Int) { (self.host, self.port) = (host, port) }

        /// `HOST:PORT`, or `[HOST]:PORT` for IPv6.
        public init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (0...65_535).contains(port)
            else { return nil }
            var host = String(text[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            guard !host.isEmpty else { return nil }
            self.init(host: host, port: port)
        }

        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    public struct TLSFiles: Hashable, Sendable {
        public var certificate: String
        public var key: String
    }

    public init() {}

    /// Reads every setting there is from the configuration.
    ///
    /// - Throws: `SettingsError` for a value that cannot be.
    public init(_ configuration: ConfigReader) throws(SettingsError) {
        let reader = SettingsReader(configuration)
        try reader.endpoint("http", &http)
        var door = Endpoint(host: "127.0.0.1", port: 2575)
        if try reader.endpoint("mllp", &door) { mllp = door }
        mllpSources = try reader.sources()
        try reader.int("http.limits.bodyBytes", &httpLimits.bodyBytes, 1024...(1 << 30))
        try reader.int("http.limits.urlBytes", &httpLimits.urlBytes, 256...65_536)
        try reader.int("http.limits.headerBytes", &httpLimits.headerBytes, 1024...(1 << 20))
        try reader.int("http.limits.requestSeconds", &httpLimits.requestSeconds, 1...3600)
        try reader.int("http.limits.idleSeconds", &httpLimits.idleSeconds, 1...86_400)
        try reader.int("http.limits.transferSeconds", &httpLimits.transferSeconds, 1...3600)
        try reader.int("http.limits.bytesASecond", &httpLimits.bytesASecond, 1...(1 << 30))
        try reader.int("http.limits.atOnce", &httpLimits.atOnce, 1...100_000)
        httpLimits.atOnceByClient = max(1, httpLimits.atOnce * 3 / 4)
        try reader.int("http.limits.atOnceByClient", &httpLimits.atOnceByClient, 1...100_000)
        try reader.int("http.limits.requestsASecond", &httpLimits.requestsASecond, 1...1_000_000)
        try reader.int("http.limits.connections", &httpLimits.connections, 1...1_000_000)
        try reader.int("http.limits.connectionsByPeer", &httpLimits.connectionsByPeer, 1...1_000_000)
        try reader.int("http.limits.heldBytes", &httpLimits.heldBytes, 1 << 20...(1 << 40))
        try reader.int("mllp.limits.frameBytes", &mllpLimits.frameBytes, 1024...(64 << 20))
        try reader.int("mllp.limits.connections", &mllpLimits.connections, 1...1_000_000)
        try reader.int("mllp.limits.connectionsByPeer", &mllpLimits.connectionsByPeer, 1...1_000_000)
        try reader.int("mllp.limits.heldBytes", &mllpLimits.heldBytes, 1 << 20...(1 << 40))
        try reader.int("mllp.limits.handshakeSeconds", &mllpLimits.handshakeSeconds, 1...3600)
        try reader.int("mllp.limits.idleSeconds", &mllpLimits.idleSeconds, 0...86_400)
        try reader.int("mllp.limits.frameSeconds", &mllpLimits.frameSeconds, 1...3600)
        try reader.int("mllp.limits.messagesASecond", &mllpLimits.messagesASecond, 1...1_000_000)
        try reader.int("drainSeconds", &drainSeconds, 1...600)
        reader.string("logLevel", &logLevel)
        reader.string("access.issuer", &access.issuer)
        reader.string("access.audience", &access.audience)
        reader.string("access.keys", &access.keys)
        reader.string("http.address", &access.address)
        // Else what another signs would pass for this store's own.
        if [OwnTokens.endpointIssuer, OwnTokens.developmentIssuer].contains(access.issuer) {
            throw SettingsError(key: "access.issuer", problem: "\(access.issuer) is this store's own name")
        }
        if access.issuer.isEmpty != access.keys.isEmpty {
            throw SettingsError(key: "access", problem: "an issuer needs its keys, and keys their issuer")
        }
        var (certificate, key) = ("", "")
        reader.string("tls.certificate", &certificate)
        reader.string("tls.key", &key)
        if certificate.isEmpty != key.isEmpty {
            throw SettingsError(key: "tls", problem: "a certificate needs its key, and a key its certificate")
        }
        var authorities = ""
        reader.string("mllp.clientAuthorities", &authorities)
        if !authorities.isEmpty { mllpClientAuthorities = authorities }
        if !certificate.isEmpty { tls = TLSFiles(certificate: certificate, key: key) }
    }

    /// What has to agree with each other.
    ///
    /// - Throws: `SettingsError` where it doesn't.
    public func check() throws(SettingsError) {
        if mllpClientAuthorities != nil, tls == nil {
            throw SettingsError(
                key: "mllp.clientAuthorities",
                problem: "clients show certificates over TLS alone: tls.certificate")
        }
        if !mllpSources.certificates.isEmpty, mllpClientAuthorities == nil {
            throw SettingsError(
                key: "mllp.certificates",
                problem: "nobody has to show one: mllp.clientAuthorities says who signs them")
        }
        if mllp != nil, mllpSources.port == nil, mllpSources.senders.isEmpty {
            throw SettingsError(
                key: "mllp.source", problem: "whose messages come in? mllp.source: ODS, or mllp.senders")
        }
    }

    /// An address as it may be shown.
    static func withoutPassword(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let end = address[scheme.upperBound...].firstIndex(of: "/") ?? address.endIndex
        guard let at = address[scheme.upperBound..<end].lastIndex(of: "@") else { return address }
        return String(address[..<scheme.upperBound] + address[address.index(after: at)...])
    }

    /// Every setting with its value, for people. There is no secret among them: keys and tokens are named by file.
    public var description: String {
        """
        http.host: \(http.host)
        http.port: \(http.port)
        http.address: \(access.address.isEmpty ? "where it listens" : access.address)
        access.issuer: \(access.issuer.isEmpty ? "none" : access.issuer)
        access.audience: \(access.audience)
        access.keys: \(access.keys.isEmpty ? "none" : Self.withoutPassword(access.keys))
        http.limits.bodyBytes: \(httpLimits.bodyBytes)
        http.limits.urlBytes: \(httpLimits.urlBytes)
        http.limits.headerBytes: \(httpLimits.headerBytes)
        http.limits.requestSeconds: \(httpLimits.requestSeconds)
        http.limits.idleSeconds: \(httpLimits.idleSeconds)
        http.limits.transferSeconds: \(httpLimits.transferSeconds)
        http.limits.bytesASecond: \(httpLimits.bytesASecond)
        http.limits.atOnce: \(httpLimits.atOnce)
        http.limits.atOnceByClient: \(httpLimits.atOnceByClient)
        http.limits.requestsASecond: \(httpLimits.requestsASecond)
        http.limits.connections: \(httpLimits.connections)
        http.limits.connectionsByPeer: \(httpLimits.connectionsByPeer)
        http.limits.heldBytes: \(httpLimits.heldBytes)
        mllp.host: \(mllp?.host ?? "none")
        mllp.port: \(mllp.map { "\($0.port)" } ?? "none")
        mllp.source: \(mllpSources.port ?? "none")
        mllp.senders: \(mllpSources.senders.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))
        mllp.certificates: \(mllpSources.certificates.sorted { $0.key < $1.key }.flatMap { name, sources in sources.sorted().map { "\(name)=\($0)" } }.joined(separator: ", "))
        mllp.clientAuthorities: \(mllpClientAuthorities ?? "none")
        mllp.limits.frameBytes: \(mllpLimits.frameBytes)
        mllp.limits.connections: \(mllpLimits.connections)
        mllp.limits.connectionsByPeer: \(mllpLimits.connectionsByPeer)
        mllp.limits.heldBytes: \(mllpLimits.heldBytes)
        mllp.limits.handshakeSeconds: \(mllpLimits.handshakeSeconds)
        mllp.limits.idleSeconds: \(mllpLimits.idleSeconds)
        mllp.limits.frameSeconds: \(mllpLimits.frameSeconds)
        mllp.limits.messagesASecond: \(mllpLimits.messagesASecond)
        tls.certificate: \(tls?.certificate ?? "none")
        tls.key: \(tls?.key ?? "none")
        drainSeconds: \(drainSeconds)
        logLevel: \(logLevel)
        """
    }
}
