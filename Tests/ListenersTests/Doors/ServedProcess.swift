import Crypto
import Foundation
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// The real `daybook serve`, with both doors open, on a store with the sample region and a laboratory's client; and a sender that talks to
/// it from a process of its own.
final class ServedProcess {
    /// One thing to send.
    struct Step: Codable, Sendable {
        var name: String
        var door: String
        var method = "PUT"
        var path = ""
        var body: String
        var headers: [String: String] = [:]
    }

    struct Answer: Hashable {
        var name: String
        var answer: String
        var milliseconds: Int
    }

    private struct Plan: Codable {
        var http: String
        var mllp: String
        var token: String
        var drip: Bool
        var words: Bool
        var steps: [Step]
    }

    private static let clients =
        "\nclients:\n  - {id: lab-feed, name: Laboratory feed, org: ZZH01, scopes: [system/*.cud]}\n"

    let folder = NSTemporaryDirectory() + "daybook-doors-\(UUID().uuidString)"
    var store: String { folder + "/store" }
    private let key = P256.Signing.PrivateKey()
    private var server: Process?
    private var http = ""
    private var mllp = ""

    static let built = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Store.create(at: store, simulatedClock: true, now: Instant(rfc3339: "2018-01-08T08:00:00Z"))
        let store = try Store(at: store, now: Instant(rfc3339: "2018-01-08T09:00:00Z"))
        defer { store.close() }
        let yaml = try ServedStore.sample("region.yaml") + Array(Self.clients.utf8)
        _ = try store.applyRegion(
            RegionFile(yaml, file: "region.yaml"), fileName: "region.yaml", asker: Asker(systemUser: "test"))
        let point = Array(key.publicKey.x963Representation.dropFirst())
        let (x, y) = (Base64URL.encode(Array(point.prefix(32))), Base64URL.encode(Array(point.suffix(32))))
        let set = #"{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","use":"sig","x":"\#(x)","y":"\#(y)"}]}"#
        try Data(set.utf8).write(to: URL(filePath: folder + "/keys.json"))
        let settings =
            "access:\n  issuer: \(ServedStore.issuer)\n  audience: daybook\n  keys: \(folder)/keys.json\nlogLevel: critical\n"
        try Data(settings.utf8).write(to: URL(filePath: folder + "/daybook.yaml"))
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts it and waits until both doors are open.
    func start(_ environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = try Self.product("daybook")
        process.arguments = [
            "serve", "--store", store, "--config", folder + "/daybook.yaml", "--http", "127.0.0.1:0",
            "--mllp",
            "127.0.0.1:0", "--mllp-source", "ZZH01",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let out = Pipe()
        process.standardOutput = out
        process.standardError = FileHandle.nullDevice
        try process.run()
        server = process
        var said = ""
        while said.split(separator: "\n", omittingEmptySubsequences: false).count < 3 {
            let more = out.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += String(decoding: more, as: UTF8.self)
        }
        http = String(try #require(said.firstMatch(of: /http:\/\/([0-9.]+:\d+)/), "\(said)").1)
        mllp = String(try #require(said.firstMatch(of: /MLLP at ([0-9.]+:\d+)/), "\(said)").1)
    }

    static func product(_ name: String) throws -> URL {
        var folder = built
        while folder.path.count > 1 {
            let found = folder.appending(path: name)
            if FileManager.default.fileExists(atPath: found.path) { return found }
            folder.deleteLastPathComponent()
        }
        throw CocoaError(.fileNoSuchFile)
    }

    /// HTTP's.
    var port: UInt16 { UInt16(http.split(separator: ":").last ?? "") ?? 0 }

    /// A development token; before it is started.
    func development(_ user: String) throws -> String {
        let store = try Store(at: store)
        defer { store.close() }
        return try #require(
            try OwnTokens(store).developmentToken(
                user: user, profile: nil, patient: nil, scope: "user/*.rs", audience: "daybook"))
    }

    var processIdentifier: Int32 { server?.processIdentifier ?? 0 }

    func kill() { end(SIGKILL) }

    /// - Returns: the exit status.
    @discardableResult
    func end(_ signal: Int32) -> Int32 {
        guard let server else { return 0 }
        if server.isRunning { Foundation.kill(server.processIdentifier, signal) }
        server.waitUntilExit()
        self.server = nil
        return server.terminationStatus
    }

    /// Sends the steps, and kills the server once so many are answered and so long after; nil: never.
    func send(
        _ steps: [Step], killAfter answers: Int? = nil, microseconds: UInt32 = 0, drip: Bool = false,
        words: Bool = false
    ) throws -> [Answer] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", URL(filePath: #filePath).deletingLastPathComponent().appending(path: "sender.py").path,
        ]
        let (input, out) = (folder + "/plan.json", Pipe())
        let plan = Plan(http: http, mllp: mllp, token: try token(), drip: drip, words: words, steps: steps)
        try JSONEncoder().encode(plan).write(to: URL(filePath: input))
        process.standardInput = FileHandle(forReadingAtPath: input)
        process.standardOutput = out
        try process.run()
        var text = ""
        var found: [Answer] = []
        while true {
            let more = out.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += String(decoding: more, as: UTF8.self)
            while let end = text.firstIndex(of: "\n") {
                let words = text[..<end].split(separator: " ").map(String.init)
                text.removeSubrange(...end)
                found.append(Answer(name: words[0], answer: words[1], milliseconds: Int(words[2]) ?? 0))
                if found.count == answers {
                    usleep(microseconds)
                    kill()
                }
            }
        }
        process.waitUntilExit()
        return found
    }

    private func token() throws -> String {
        let now = Int(Date().timeIntervalSince1970)
        let claims: [String: Any] = [
            "iss": ServedStore.issuer, "aud": "daybook", "sub": "lab-feed", "client_id": "lab-feed",
            "scope": "system/*.cud", "iat": now, "exp": now + 600,
        ]
        let signed =
            Base64URL.encode(Array(#"{"alg":"ES256","typ":"JWT","kid":"k1"}"#.utf8)) + "."
            + Base64URL.encode(Array(try JSONSerialization.data(withJSONObject: claims)))
        return signed + "."
            + Base64URL.encode(Array(try key.signature(for: Data(signed.utf8)).rawRepresentation))
    }
}
