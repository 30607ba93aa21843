import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Listeners

/// One question that tries to learn of something, and the answers that it leads to.
struct AttackProbe: Sendable {
    var method = HTTPRequest.Method.get
    /// Under the door.
    var path: String
    var door = "/fhir/"
    var headers: [(String, String)] = []
    var body: String?
    /// Asks for each page after the first too, and with the links to them changed.
    var isPaged = false

    init(_ path: String, _ headers: [(String, String)] = [], isPaged: Bool = false) {
        (self.path, self.headers, self.isPaged) = (path, headers, isPaged)
    }

    init(door: String, _ path: String) { (self.door, self.path) = (door, path) }

    init(
        _ method: HTTPRequest.Method, _ path: String, _ headers: [(String, String)] = [], body: String? = nil
    ) {
        (self.method, self.path, self.headers, self.body) = (method, path, headers, body)
    }

    /// Pages that are followed, at most.
    private static let maximumPages = 40

    func ask(_ client: any TestClientProtocol, _ token: String, number: Int) async throws -> [AttackAnswer] {
        var out = [try await one(path, client, token, number)]
        guard isPaged else { return out }
        var next = out[0].nextPage
        while let path = next, out.count < Self.maximumPages {
            let answer = try await one(path, client, token, number)
            out.append(answer)
            for changed in Self.changed(path) { out.append(try await one(changed, client, token, number)) }
            next = answer.nextPage
        }
        return out
    }

    /// The link for another offset, another position, and without its signature.
    private static func changed(_ path: String) -> [String] {
        guard let at = path.firstRange(of: "_page=") else { return [] }
        let head = path[..<at.upperBound]
        var parts = path[at.upperBound...].split(separator: ".").map(String.init)
        guard parts.count == 4 else { return [] }
        var out: [String] = []
        let signed = parts
        parts[1] = "0"
        out.append(head + parts.joined(separator: "."))
        parts = signed
        parts[0] = "3"
        out.append(head + parts.joined(separator: "."))
        out.append(head + signed.dropLast().joined(separator: "."))
        return out
    }

    private func one(
        _ path: String, _ client: any TestClientProtocol, _ token: String, _ number: Int
    ) async throws -> AttackAnswer {
        var fields: HTTPFields = [.authorization: "Bearer \(token)"]
        // Both worlds' have the same trace.
        let trace = "00000000" + String(repeating: "0", count: 16) + String(format: "%08x", number + 1)
        fields[HTTPField.Name("traceparent")!] = "00-\(trace)-00f067aa0ba902b7-01"
        if body != nil { fields[.contentType] = "application/fhir+json" }
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        let response = try await client.execute(
            uri: door + path, method: method, headers: fields, body: body.map { ByteBuffer(string: $0) })
        return AttackAnswer(
            probe: "\(method) \(door)\(path) \(headers.map { "\($0.0): \($0.1)" }.joined(separator: "; "))",
            status: Int(response.status.code),
            headers: response.headers.map { "\($0.name.canonicalName): \($0.value)" }.sorted(),
            body: Array(buffer: response.body))
    }
}
