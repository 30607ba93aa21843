import Configuration
import Testing

@testable import Listeners

@Suite struct SettingsTests {
    private func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws(SettingsError) -> ServeSettings {
        try ServeSettings(ConfigReader(provider: InMemoryProvider(values: values)))
    }

    @Test func loopbackAndNoMLLPUnlessSaid() throws {
        let settings = try read([:])
        #expect(settings.http == .init(host: "127.0.0.1", port: 8480))
        #expect(settings.mllp == nil && settings.tls == nil)
    }

    @Test func everySettingIsReadAndTold() throws {
        let settings = try read([
            ["http", "host"]: "0.0.0.0", ["http", "port"]: 99, ["http", "limits", "bodyBytes"]: 5000,
            ["mllp", "port"]: 2576, ["mllp", "source"]: "RBD", ["mllp", "limits", "frameBytes"]: 2000,
            ["tls", "certificate"]: "c.pem",
            ["tls", "key"]: "k.pem", ["drainSeconds"]: 7, ["logLevel"]: "debug",
        ])
        #expect(settings.mllp == .init(host: "127.0.0.1", port: 2576))
        for line in [
            "http.host: 0.0.0.0", "http.port: 99", "http.limits.bodyBytes: 5000", "mllp.port: 2576",
            "mllp.limits.frameBytes: 2000", "tls.key: k.pem", "drainSeconds: 7", "logLevel: debug",
        ] { #expect(settings.description.split(separator: "\n").contains { $0 == line }, "\(line)") }
    }

    @Test func whatCannotBeIsRefusedByName() {
        #expect(throws: SettingsError(key: "http.port", problem: "70000 is no TCP port")) {
            try read([["http", "port"]: 70_000])
        }
        #expect(throws: SettingsError(key: "drainSeconds", problem: "0 is not from 1 to 600")) {
            try read([["drainSeconds"]: 0])
        }
        #expect(throws: SettingsError.self) { try read([["tls", "certificate"]: "c.pem"]) }
    }

    @Test func nobodyElseSignsUnderThisStoresOwnName() {
        for name in [OwnTokens.endpointIssuer, OwnTokens.developmentIssuer] {
            #expect(throws: SettingsError.self) {
                try read([
                    ["access", "issuer"]: .init(.string(name), isSecret: false),
                    ["access", "keys"]: "k.json",
                ])
            }
        }
    }

    @Test func anAddressIsShownWithoutItsPassword() throws {
        let settings = try read([
            ["access", "issuer"]: "https://identity.example",
            ["access", "keys"]: "https://name:secret@identity.example/jwks.json",
        ])
        #expect(settings.description.contains("access.keys: https://identity.example/jwks.json"))
        #expect(!settings.description.contains("secret"))
        #expect(ServeSettings.withoutPassword("/etc/a@b/keys.json") == "/etc/a@b/keys.json")
    }

    @Test func certificatesAreBoundOnlyWhereTheyAreShown() throws {
        let settings = try read([
            ["mllp", "port"]: 2575, ["mllp", "source"]: "RBD",
            ["mllp", "certificates"]: .init(.stringArray(["pas.example=RBD"]), isSecret: false),
        ])
        #expect(settings.mllpSources.certificates == ["pas.example": ["RBD"]])
        #expect(throws: SettingsError.self) { try settings.check() }
    }

    @Test func endpointsAreHostAndPort() {
        #expect(ServeSettings.Endpoint("[::1]:80") == .init(host: "::1", port: 80))
        #expect(ServeSettings.Endpoint("[::1]:80")?.description == "[::1]:80")
        for wrong in ["", "80", ":80", "host:", "host:x", "host:65536", "host:-1"] {
            #expect(ServeSettings.Endpoint(wrong) == nil, "\(wrong)")
        }
    }
}
