import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Intake
import Logging
import Server
import ServiceLifecycle
import Testing
import Wire

@testable import Listeners

/// Sends every resource of the folder `DAYBOOK_SERVED`/source over HTTP, reads each back, and writes what was served beside them: `served`
/// what its source sent, `made` what this server makes itself. For a validator of FHIR to compare (tools/validate-fhir).
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_SERVED"] != nil))
struct ServedFolderTests {
    let folder = URL(filePath: ProcessInfo.processInfo.environment["DAYBOOK_SERVED"] ?? "")

    private struct Sent {
        var file: String
        var body: String
        var type: String
        var id: String
    }

    private func sources() throws -> [Sent] {
        let source = folder.appending(path: "source")
        return try FileManager.default.contentsOfDirectory(atPath: source.path).sorted().compactMap { file in
            let data = try Data(contentsOf: source.appending(path: file))
            guard let root = try JSONSerialization.jsonObject(with: data) as? [String: Any],
                let type = root["resourceType"] as? String, let id = root["id"] as? String
            else { return nil }
            return Sent(file: file, body: String(decoding: data, as: UTF8.self), type: type, id: id)
        }
    }

    private func write(_ response: TestResponse, _ path: String) throws {
        guard !response.text.isEmpty else { return }
        try Data(response.text.utf8).write(to: folder.appending(path: path))
    }

    @Test func everyBodyServed() async throws {
        for name in ["served", "made"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        let sent = try sources()
        #expect(!sent.isEmpty)
        let served = try ServedStore()
        let lane = IntakeLane(store: served.store)
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        let router = try served.application(lane: lane).router(served.own)
        let feed = try served.own.endpointToken(
            client: "lab-feed", scope: "system/*.cud", audience: ServedStore.audience)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await Application(router: router).test(.router) { client in
                let taken = try await send(sent, feed, client)
                try related(sent, served)
                let read = try await readBack(taken, served, client)
                try await made(feed, served, client)
                print("\(sent.count) sent, \(taken.count) taken, \(read) read back")
                #expect(taken.count * 10 > sent.count * 8 && read > 0)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// - Returns: those that were taken. What the source is answered with is a body too.
    private func send(_ sent: [Sent], _ feed: String, _ client: any TestClientProtocol) async throws -> [Sent]
    {
        var taken: [Sent] = []
        for resource in sent {
            let answer = try await client.send(.put, "\(resource.type)/\(resource.id)", feed, resource.body)
            if answer.status == .created {
                try write(answer, "served/\(resource.file)")
                taken.append(resource)
            } else {
                try write(answer, "made/refused-\(resource.file)")
            }
        }
        return taken
    }

    /// Every patient whom a resource names is related with the hospital, so that its clinician may see them.
    private func related(_ sent: [Sent], _ served: ServedStore) throws {
        var patients = Set(sent.filter { $0.type == "Patient" }.map(\.id))
        for resource in sent {
            for match in resource.body.matches(of: /"reference":"Patient\/([A-Za-z0-9.-]+)"/) {
                patients.insert(String(match.1))
            }
        }
        let facts = patients.sorted().enumerated().map { index, id in
            "- relationshipCreated: {id: rel-\(index), patient: {org: ZZH01, id: \(id)}, org: ZZH01, kind: registration, from: 2017-01-01}"
        }
        try served.policy(Array((facts.joined(separator: "\n") + "\n").utf8))
    }

    private func readBack(
        _ taken: [Sent], _ served: ServedStore, _ client: any TestClientProtocol
    ) async throws -> Int {
        let token = try served.token()
        var read = 0
        for resource in taken {
            let id = "\(resource.type)/ZZH01.\(resource.id)"
            let answer = try await client.get(id, token)
            // What names no patient is nobody's to read.
            guard answer.status == .ok else { continue }
            read += 1
            try write(answer, "served/read-\(resource.file)")
            if resource.type == "Patient" {
                try write(
                    try await client.get("\(id)/$everything?_count=5000", token),
                    "made/everything-\(resource.file)")
            }
        }
        return read
    }

    private func made(_ feed: String, _ served: ServedStore, _ client: any TestClientProtocol) async throws {
        let token = try served.token()
        let number = ServedStore.number
        try served.policy(
            Array(
                "- consentDirective: {id: dir-9, patient: \"\(number)\", outcome: deny, categories: [medications], organisations: [ZZC01]}\n"
                    .utf8))
        let about = "patient.identifier=\(number)"
        for (name, path) in [
            ("capabilities", "metadata"), ("search", "Observation?\(about)&_revinclude=Provenance:target"),
            ("history", "Observation/_history?\(about)"), ("provenance", "Provenance?\(about)"),
            ("consent", "Consent?\(about)"), ("count", "Observation?\(about)&_summary=count"),
            ("not-found", "Observation/none"), ("wrong", "Observation?\(about)&nope=1"),
            ("lenient", "Observation?\(about)"),
        ] {
            let more = name == "lenient" ? [("Prefer", "handling=lenient")] : []
            try write(try await client.get(path, token, more), "made/\(name).json")
        }
        let privacy = try served.development("privacy-1", scope: "user/AuditEvent.rs")
        let sedge = try served.development("dr-sedge")
        try write(try await client.get("Observation/ZZH01.o-k", sedge), "made/refused.json")
        try write(try await client.get("Observation/ZZH01.o-k", nil), "made/no-token.json")
        let own = try served.development(nil, scope: "patient/AuditEvent.rs", patient: number)
        try write(try await client.get("AuditEvent", own), "made/own-trail.json")
        for path in ["AuditEvent?\(about)", "AuditEvent?date=ge2018-01-01&_count=500"] {
            let trail = try await client.get(path, privacy)
            try write(trail, "made/trail-\(path.count).json")
            let entries = trail.json["entry"] as? [[String: Any]] ?? []
            for (index, entry) in entries.enumerated() {
                guard let resource = entry["resource"] else { continue }
                let data = try JSONSerialization.data(withJSONObject: resource)
                try data.write(to: folder.appending(path: "made/event-\(path.count)-\(index).json"))
            }
        }
        let lines = [WriteTests.observation("a", value: "1"), "{", WriteTests.observation("b", value: "2")]
        try write(
            try await client.send(
                .post, "", feed, lines.joined(separator: "\n"), [("Content-Type", "application/fhir+ndjson")]),
            "made/lines.json")
    }
}
