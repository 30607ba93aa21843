import CareRecord
import EventLog
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Intake
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import Wire

@testable import Listeners
@testable import Server

/// A history played by a writer, sources over HTTP among it, while several users ask over HTTP.
final class ServedHistory: Sendable {
    let history: History
    let store: Store
    private let directory: String
    private let own: OwnTokens
    private let state = Mutex(State())

    private struct State {
        var written: [WrittenStep] = []
        var asked: [AskedOverHTTP] = []
        var overHTTP = 0
        var isWriting = true
    }

    var written: [WrittenStep] { state.withLock { $0.written } }
    var asked: [AskedOverHTTP] { state.withLock { $0.asked } }
    /// Messages that came in by HTTP; the others come by file.
    var overHTTP: Int { state.withLock { $0.overHTTP } }

    init(_ history: History) throws {
        self.history = history
        directory = NSTemporaryDirectory() + "daybook-oracle-http-\(UUID().uuidString)"
        let start = Instant(microseconds: history.start)
        try Store.create(at: directory, simulatedClock: true, now: start)
        var options = LogOptions()
        (options.mapBytes, options.indexMapBytes, options.zeroAheadBytes) = (1 << 30, 1 << 29, 0)
        store = try Store(at: directory, now: start, options: options)
        own = try OwnTokens(store)
    }

    deinit {
        store.close()
        for path in [directory, directory + ".key"] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// - Parameter users: how many ask at once.
    func play(users: Int) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let lane = IntakeLane(store: store)
        var settings = ServeSettings()
        settings.access.audience = "daybook"
        let served = HTTPApplication(
            store: store, settings: settings, readiness: Readiness(store: store),
            metrics: PrometheusRegistry(), lane: lane, logger: logger)
        let group = ServiceGroup(services: [lane], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await Application(router: served.router(own), logger: logger).test(.ahc(.http)) { client in
                try await withThrowingTaskGroup(of: Void.self) { work in
                    work.addTask {
                        defer { self.state.withLock { $0.isWriting = false } }
                        for step in self.history.steps { try await self.write(step, client) }
                    }
                    for user in 0..<users { work.addTask { try await self.ask(as: user, client) } }
                    try await work.waitForAll()
                }
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    // MARK: Writing

    private func note(_ step: WrittenStep) { state.withLock { $0.written.append(step) } }

    private func write(_ step: Step, _ client: any TestClientProtocol) async throws {
        let asker = Asker(systemUser: "oracle")
        switch step {
        case .clock(let by): try move { $0 + by }
        case .clockTo(let moment): try move { max($0, moment) }
        case .region(let spec):
            let yaml = spec.yaml + Self.clients(spec)
            let outcome = try store.applyRegion(
                RegionFile(Array(yaml.utf8), file: "region.yaml", beside: spec.beside),
                fileName: "region.yaml",
                approvedBy: try store.regionDeclaration().users.keys.min(), asker: asker)
            guard let appended = outcome.appended else { return }
            var facts: [String: UInt64] = [:]
            for (index, fact) in outcome.facts.enumerated() {
                facts[RegionFactKey.of(fact.kind.rawValue, fact.summary.id)] =
                    appended.first.value + UInt64(index)
            }
            note(.region(spec, facts: facts))
        case .policy(let facts):
            let file = try PatientPolicyFile(
                Array(FactSpec.yaml(facts).utf8), file: "policy.yaml", calendar: .london,
                declared: try store.regionDeclaration())
            _ = try store.recordPolicy(file.drafts, asker: asker)
            note(.facts(facts))
        case .ingest(let source, let files):
            for file in files {
                for message in file {
                    if try await send(message, source, client) {
                        state.withLock { $0.overHTTP += 1 }
                    } else {
                        let input = IngestInput(name: message.file, bytes: message.bytes)
                        _ = try store.ingest(source: source, inputs: [input])
                    }
                    note(.message(message))
                }
            }
        case .ask, .compare, .find, .reopen: break
        }
    }

    private func move(_ change: (Int64) -> Int64) throws {
        // Receipts move the newest record on meanwhile.
        for _ in 0..<100 {
            let newest = try store.log.head.recordedAt.microseconds
            do {
                return try store.setClock(
                    to: Instant(microseconds: max(change(try store.clock().microseconds), newest + 100)))
            } catch StoreError.usage { continue }
        }
        throw Problem("the clock could not be set")
    }

    private static func clients(_ region: RegionSpec) -> String {
        "clients:\n"
            + region.organisations.map {
                "  - {id: \"feed-\($0.ods)\", name: Feed, org: \"\($0.ods)\", scopes: [system/*.cud]}\n"
            }.joined()
    }

    /// - Returns: false where this is no message for that door, or the door lets nobody of the source in.
    private func send(
        _ message: MessageSpec, _ source: String, _ client: any TestClientProtocol
    ) async throws -> Bool {
        guard message.identifier != nil, message.fate == .taken, !message.isHL7,
            !message.bytes.contains(where: { $0 == 0x0A || $0 == 0x0D })
        else { return false }
        let token = try own.endpointToken(
            client: "feed-\(source)", scope: "system/*.cud", audience: "daybook")
        let answer = try await client.execute(
            uri: "/fhir", method: .post,
            headers: [.authorization: "Bearer \(token)", .contentType: BundleRoute.lines],
            body: ByteBuffer(bytes: message.bytes))
        if [401, 403].contains(answer.status.code) { return false }
        let body = try JSONTree(parsing: Array(buffer: answer.body))
        let status = body["entry"]?.elements.first?["response"]?["status"]?.text ?? "none"
        if status.hasPrefix("401") || status.hasPrefix("403") { return false }
        guard answer.status == .ok, status.hasPrefix("2") else {
            throw Problem("\(message.file): \(answer.status) \(body.text().prefix(500))")
        }
        return true
    }

    // MARK: Asking

    private func ask(as reader: Int, _ client: any TestClientProtocol) async throws {
        var rng = SplitMix64(seed: history.seed &* 31 &+ UInt64(reader))
        let questions = history.steps.compactMap { step in
            if case .ask(let question) = step { question } else { nil }
        }
        guard !questions.isEmpty else { return }
        while state.withLock({ $0.isWriting }) {
            // Before a region is applied nobody is let in.
            guard try store.log.head.position > Position(2) else {
                await Task.yield()
                continue
            }
            var question = rng.pick(questions)
            (question.when, question.knownAt) = (.none, nil)
            try await ask(question, rng.pick(AskedOverHTTP.types), client)
        }
        // And of the record as it is at the end.
        for question in questions.suffix(6) {
            var question = question
            (question.when, question.knownAt) = (.none, nil)
            for type in AskedOverHTTP.types { try await ask(question, type, client) }
        }
    }

    private func ask(
        _ question: Question, _ type: String, _ client: any TestClientProtocol
    ) async throws {
        let token = try own.developmentToken(
            user: question.user, profile: question.role, patient: nil, scope: "user/*.rs", audience: "daybook"
        )
        let patient =
            switch question.patient {
            case .number(let digits): "patient.identifier=\(digits)"
            case .subject(let name): "patient=\(name.organisation).\(name.localID)"
            }
        var headers: HTTPFields = [.authorization: "Bearer \(token ?? "")"]
        headers[FHIRAnswer.purpose] = question.purpose
        let answer = try await client.execute(
            uri: "/fhir/\(type)?\(patient)&_count=500", method: .get, headers: headers)
        // Too many refusals at once are told by their number; a record that kept moving is asked for again.
        if [429, 503].contains(answer.status.code) { return }
        func number(_ name: HTTPField.Name) -> UInt64 { answer.headers[name].flatMap { UInt64($0) } ?? 0 }
        let asked = AskedOverHTTP(
            question: question, type: type, status: Int(answer.status.code),
            position: number(FHIRAnswer.position), receipt: number(FHIRAnswer.receipt),
            body: Array(buffer: answer.body))
        state.withLock { $0.asked.append(asked) }
    }
}
