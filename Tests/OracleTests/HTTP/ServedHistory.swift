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
        var overMLLP = 0
        /// Questions that were shown something, with what: worth asking again.
        var fruitful: [AskedOverHTTP] = []
    }

    var written: [WrittenStep] { state.withLock { $0.written } }
    var asked: [AskedOverHTTP] { state.withLock { $0.asked } }
    /// Messages that came in by HTTP, and hospitals' by MLLP; the others come by file.
    var overHTTP: Int { state.withLock { $0.overHTTP } }
    var overMLLP: Int { state.withLock { $0.overMLLP } }

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
        var served = HTTPApplication(
            store: store, settings: settings, readiness: Readiness(store: store),
            metrics: PrometheusRegistry(), lane: lane, logger: logger)
        // What refusals wait for hides how long they took: not looked at here.
        served.beat = .zero
        let (ports, port) = AsyncStream<Int>.makeStream()
        let listener = MLLPListener(
            endpoint: .init(host: "127.0.0.1", port: 0), limits: MLLPLimits(),
            door: SourceDoor(sources: try HospitalSender.sources(), lane: lane, logger: logger),
            logger: logger
        ) {
            port.yield($0)
            port.finish()
        }
        let group = ServiceGroup(services: [lane, listener], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var hospital: HospitalSender?
            for await port in ports { hospital = try await HospitalSender(port: port) }
            guard let hospital else { throw Problem("MLLP does not listen") }
            var failure: (any Error)?
            do {
                let application = Application(router: served.router(own), logger: logger)
                try await application.test(.ahc(.http)) { try await self.work($0, hospital, users: users) }
            } catch { failure = error }
            // What listens ends only once nobody is connected.
            await hospital.close()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            if let failure { throw failure }
        }
    }

    private func work(
        _ client: any TestClientProtocol, _ hospital: HospitalSender, users: Int
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { work in
            // Each user asks once for each step that is written, while the next ones are: as much, however fast the machine is.
            let turns = (0..<users).map { _ in AsyncStream<Void>.makeStream() }
            work.addTask {
                defer { for turn in turns { turn.continuation.finish() } }
                for step in self.history.steps {
                    try await self.write(step, client, hospital)
                    for turn in turns { turn.continuation.yield() }
                }
            }
            for (user, turn) in turns.enumerated() {
                work.addTask { try await self.ask(as: user, turn.stream, client) }
            }
            try await work.waitForAll()
        }
    }

    // MARK: Writing

    private func note(_ step: WrittenStep) { state.withLock { $0.written.append(step) } }

    private func write(
        _ step: Step, _ client: any TestClientProtocol, _ hospital: HospitalSender
    ) async throws {
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
                    if message.isHL7, message.fate == .taken {
                        try await hospital.send(message)
                        state.withLock { $0.overMLLP += 1 }
                    } else if try await send(message, source, client) {
                        state.withLock { $0.overHTTP += 1 }
                    } else {
                        let input = IngestInput(name: message.file, bytes: message.bytes)
                        _ = try store.ingest(source: source, inputs: [input])
                    }
                    note(.message(message))
                }
            }
        case .ask, .compare, .find, .review, .reopen: break
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

    private func ask(
        as reader: Int, _ turns: AsyncStream<Void>, _ client: any TestClientProtocol
    ) async throws {
        var rng = SplitMix64(seed: history.seed &* 31 &+ UInt64(reader))
        let questions = history.steps.compactMap { step in
            if case .ask(let question) = step { question } else { nil }
        }
        guard !questions.isEmpty else { return }
        for await _ in turns {
            // Half of them what was shown something before, by search or one resource of it: it may be gone since.
            if rng.chance(1, in: 2), let known = rng.maybePick(state.withLock { $0.fruitful }) {
                let one = rng.chance(1, in: 2) ? rng.maybePick(try known.shown()) : nil
                try await ask(known.question, known.type, one?.id, client)
                continue
            }
            try await ask(Self.ofNow(rng.pick(questions)), rng.pick(AskedOverHTTP.types), nil, client)
        }
        // And of the record as it is at the end: every type, and each resource by itself.
        for question in questions.suffix(3) {
            for type in AskedOverHTTP.types {
                let asked = try await ask(Self.ofNow(question), type, nil, client)
                for shown in try asked?.shown() ?? [] {
                    try await ask(Self.ofNow(question), type, shown.id, client)
                }
            }
        }
    }

    private static func ofNow(_ question: Question) -> Question {
        var question = question
        (question.when, question.knownAt) = (.none, nil)
        return question
    }

    /// - Returns: nil where it was pushed back.
    @discardableResult
    private func ask(
        _ question: Question, _ type: String, _ id: String?, _ client: any TestClientProtocol
    ) async throws -> AskedOverHTTP? {
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
        let address = id.map { "\(type)/\($0)?\(patient)" } ?? "\(type)?\(patient)&_count=500"
        let answer = try await client.execute(uri: "/fhir/\(address)", method: .get, headers: headers)
        // Too many refusals at once are told by their number; a record that kept moving is asked for again.
        if [429, 503].contains(answer.status.code) { return nil }
        func number(_ name: HTTPField.Name) -> UInt64 { answer.headers[name].flatMap { UInt64($0) } ?? 0 }
        let asked = AskedOverHTTP(
            question: question, type: type, id: id, status: Int(answer.status.code),
            position: number(FHIRAnswer.position), receipt: number(FHIRAnswer.receipt),
            body: Array(buffer: answer.body))
        state.withLock { state in
            state.asked.append(asked)
            if id == nil, asked.status == 200, asked.total ?? 0 > 0 { state.fruitful.append(asked) }
        }
        return asked
    }
}
