import Foundation

/// What wrk, a load generator on one thread here, says of an address.
struct Wrk {
    var requestsASecond: Double
    /// Microseconds.
    var p50: Double
    var p99: Double
    var requests: Double
    var bytes: Double

    static let path = ["/usr/bin/wrk", "/usr/local/bin/wrk"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// - Parameter paths: asked for in turn.
    /// - Throws: where any answer is another than 2xx, too: refusals are quick.
    static func measure(
        _ address: String, paths: [String], token: String?, connections: Int, seconds: Int
    ) throws -> Wrk {
        guard let path else { throw PeerPrograms.Missing(what: "wrk") }
        var arguments = ["-t1", "-c\(connections)", "-d\(seconds)s", "--latency", "--timeout", "20s"]
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        let script = FileManager.default.temporaryDirectory.appending(path: "wrk-\(UUID().uuidString).lua")
        defer { try? FileManager.default.removeItem(at: script) }
        let list = paths.map { "wrk.format('GET', '\($0)')" }.joined(separator: ",")
        // Made when a thread begins: the header is known by then.
        let lua =
            "local n = 0\nlocal all\ninit = function() all = {\(list)} end\nrequest = function() n = n % \(paths.count) + 1; return all[n] end\n"
        try Data(lua.utf8).write(to: script)
        let said = try ServingPrograms.output(path, arguments + ["-s", script.path, address])
        var out = Wrk(requestsASecond: 0, p50: 0, p99: 0, requests: 0, bytes: 0)
        for line in said.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if line.contains("Non-2xx") || line.contains("Socket errors") {
                throw Peer.Failure(description: "\(address): \(line.trimmingCharacters(in: .whitespaces))")
            }
            switch words.first {
            case "Requests/sec:": out.requestsASecond = Double(words[1]) ?? 0
            case "50%": out.p50 = microseconds(words[1])
            case "99%": out.p99 = microseconds(words[1])
            default:
                if words.count >= 6, words[1] == "requests" {
                    out.requests = Double(words[0]) ?? 0
                    out.bytes = bytes(words[4].trimmingCharacters(in: [","]))
                }
            }
        }
        guard out.requestsASecond > 0 else { throw Peer.Failure(description: "wrk: \(said)") }
        return out
    }

    private static func microseconds(_ text: String) -> Double {
        let digits = Double(text.prefix { $0.isNumber || $0 == "." }) ?? 0
        return text.hasSuffix("us") ? digits : text.hasSuffix("ms") ? digits * 1e3 : digits * 1e6
    }

    private static func bytes(_ text: String) -> Double {
        let digits = Double(text.prefix { $0.isNumber || $0 == "." }) ?? 0
        let scale: [Character: Double] = ["K": 1024, "M": 1_048_576, "G": 1_073_741_824]
        return digits * (text.dropLast().last.flatMap { scale[$0] } ?? 1)
    }
}
