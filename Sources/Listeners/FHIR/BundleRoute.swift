import HTTPTypes
import Hummingbird
import Intake
import Server
import Wire

/// `POST /fhir`: a transaction, which is one message and taken whole or not at all; a batch, whose entries are messages each; and
/// NDJSON, a message on each line.
struct BundleRoute: FHIRRouteGroup {
    let calls: StoreCalls
    let lane: IntakeLane
    let base: @Sendable () -> String
    let bodyBytes: Int
    let beat: Duration
    /// Bytes of a batch of reads, answered.
    let batchBytes: Int
    private let batches = ReadBatch.Count()

    init(
        calls: StoreCalls, lane: IntakeLane, base: @escaping @Sendable () -> String, bodyBytes: Int,
        batchBytes: Int, beat: Duration
    ) {
        (self.calls, self.lane, self.base, self.bodyBytes) = (calls, lane, base, bodyBytes)
        (self.batchBytes, self.beat) = (batchBytes, beat)
    }

    /// Entries of a batch and lines of NDJSON, at most.
    static let maximumMessages = 10_000
    static let lines = "application/fhir+ndjson"

    private var reads: ReadBatch {
        ReadBatch(
            reader: ResourceReader(calls: calls, base: base), underWay: batches, beat: beat, bytes: batchBytes
        )
    }

    func add(to known: RouterGroup<ServerContext>) {
        let fhir = known.group().add(middleware: FailureReceiptMiddleware(calls: calls, isWrite: true))
        fhir.post("") { request, context in
            let types = ["application/fhir+json", "application/json", Self.lines, "application/x-ndjson"]
            let body = try await WriteRoutes.body(request, upTo: bodyBytes, types: types)
            if request.headers[.contentType]?.contains("ndjson") ?? false {
                return try await lines(body, context)
            }
            // Megabytes may take a while: not on a thread that serves others.
            let root = try await calls.run { _ in (try? JSONDocument(body))?.root }
            if root?["resourceType"]?.string == "Bundle", root?["type"]?.string == "batch" {
                let entries = root?["entry"]?.elements ?? []
                guard !entries.isEmpty else {
                    throw FHIRError.badRequest("a batch without entries asks nothing")
                }
                if ReadBatch.reads(entries) {
                    return try await reads.answer(entries, request, context)
                }
                return try await batch(entries, request, context)
            }
            return try await transaction(body, context)
        }
    }

    private func transaction(_ body: [UInt8], _ context: ServerContext) async throws -> Response {
        let write = SourceWrite(.message, body: body)
        let caller = try context.authenticated()
        let source = try await calls.run { try $0.source(of: caller, sending: [write]) }
        switch try await lane.take([write], source: source)[0].get(orPushBack: ()) {
        case .taken(let draft, let position, let again):
            let answers = try await calls.run { [base] store in
                let written = try WriteAnswer.written(draft, position, again, store, base())
                // One that was replaced since: so was the whole.
                for case .failure(let error) in written { throw error }
                return written
            }
            return Self.response("transaction-response", Self.parts(answers, context))
        case .allStanding(let found):
            let answers = try found.map {
                Result<WriteAnswer, FHIRError>.success(try WriteAnswer($0, base: base()))
            }
            let receipt = try await calls.run { try $0.recordStanding(of: caller) }
            var response = Self.response("transaction-response", Self.parts(answers, context))
            response.headers[FHIRAnswer.receipt] = String(receipt.value)
            return response
        case .takenBefore: return Self.response("transaction-response", [])
        case .quarantined(let position, let reject): throw FHIRError(reject, at: position, of: write)
        case .conflict(let conflict): throw FHIRError(conflict)
        case .standing: throw FHIRError.badRequest("nothing was to be done")
        }
    }

    /// Each entry by itself: those that write first, in order, and then those that read, as their caller may.
    private func batch(
        _ entries: [JSONCursor], _ request: Request, _ context: ServerContext
    ) async throws -> Response {
        guard entries.count <= Self.maximumMessages else { throw Self.tooMany(entries.count, "entries") }
        let reads = entries.filter(ReadBatch.isRead)
        guard reads.count <= ReadBatch.maximumEntries else {
            throw FHIRError(
                .contentTooLarge, "too-long", "BAD_REQUEST",
                "\(reads.count) entries read: at most \(ReadBatch.maximumEntries) are answered at once")
        }
        let writes = entries.filter { !ReadBatch.isRead($0) }.map { entry in
            Result { try WriteReader.write(entry, context, request) }.mapError(FHIRErrorMiddleware.told)
        }
        var written = try await parts(of: writes, context)[...]
        var read = try await self.reads.parts(reads, request, context)[...]
        let all = entries.map { ReadBatch.isRead($0) ? read.removeFirst() : written.removeFirst() }
        return Self.response("batch-response", all)
    }

    private func lines(_ body: [UInt8], _ context: ServerContext) async throws -> Response {
        let messages = try await calls.run { _ in FHIRFile(lines: body).messages }
        guard !messages.isEmpty else { throw FHIRError.badRequest("no line has a resource") }
        guard messages.count <= Self.maximumMessages else { throw Self.tooMany(messages.count, "lines") }
        let writes = messages.map { message in
            Result<SourceWrite, FHIRError>.success(
                SourceWrite(.message, body: Array(body[message.range])))
        }
        return Self.response("batch-response", try await parts(of: writes, context))
    }

    private static func tooMany(_ count: Int, _ what: String) -> FHIRError {
        FHIRError(
            .contentTooLarge, "too-long", "BAD_REQUEST",
            "\(count) \(what): at most \(maximumMessages) are taken at once")
    }

    /// Takes what can be taken, in order, and tells of each.
    private func parts(
        of asked: [Result<SourceWrite, FHIRError>], _ context: ServerContext
    ) async throws -> [[UInt8]] {
        if asked.isEmpty { return [] }
        let caller = try context.authenticated()
        let allowed = try await calls.run { store in
            let writes = asked.compactMap { try? $0.get() }
            var sources = try store.sources(of: caller, sendingEach: writes)[...]
            return asked.map { one -> Result<(SourceWrite, String), FHIRError> in
                one.flatMap { write in
                    sources.removeFirst().map { (write, $0) }.mapError { FHIRError($0) }
                }
            }
        }
        let good = allowed.compactMap { try? $0.get() }
        let taken = await lane.take(good.map(\.0), source: good.first?.1 ?? "")
        // Nothing was taken, and nothing will be until later.
        if let first = taken.first, taken.allSatisfy({ if case .failure = $0 { true } else { false } }) {
            _ = try first.get(orPushBack: ())
        }
        let answers = try await calls.run { [base] store in
            let base = base()
            var next = 0
            return try allowed.map { one -> Result<WriteAnswer, FHIRError> in
                switch one {
                case .failure(let error): return .failure(error)
                case .success(let (write, _)):
                    defer { next += 1 }
                    do {
                        let outcome = try taken[next].get(orPushBack: ())
                        return .success(try WriteAnswer(outcome, of: write, store: store, base: base))
                    } catch let error as FHIRError { return .failure(error) }
                }
            }
        }
        return Self.parts(try await recorded(answers, context), context)
    }

    /// What was refused has a receipt, and what was found as it should be: one of each status, since a batch can hold thousands.
    private func recorded(
        _ answers: [Result<WriteAnswer, FHIRError>], _ context: ServerContext
    ) async throws -> [Result<WriteAnswer, FHIRError>] {
        var answers = answers
        var seen: Set<Int> = [HTTPResponse.Status.forbidden.code]
        let receipts = FailureReceiptMiddleware(calls: calls, isWrite: true)
        let standing = answers.firstIndex {
            if case .success(let answer) = $0 { answer.stands } else { false }
        }
        if let standing, case .success(var first) = answers[standing], let caller = context.caller {
            first.receipt = try await calls.run { try $0.recordStanding(of: caller) }
            answers[standing] = .success(first)
        }
        for (number, answer) in answers.enumerated() {
            guard case .failure(let error) = answer, !FailureReceiptMiddleware.isRecordedElsewhere(error),
                seen.insert(error.status.code).inserted
            else { continue }
            let told = try await receipts.recorded(error, context, route: "write")
            answers[number] = .failure(FHIRErrorMiddleware.told(told))
        }
        return answers
    }

    private static func parts(
        _ answers: [Result<WriteAnswer, FHIRError>], _ context: ServerContext
    ) -> [[UInt8]] {
        answers.map { answer in
            switch answer {
            case .success(let answer):
                var w = JSONWriter(capacity: 256)
                answer.write(to: &w)
                return w.finish()
            case .failure(let error): return ReadBatch.entry(error, context.traceID)
            }
        }
    }

    private static func response(_ type: String, _ parts: [[UInt8]]) -> Response {
        var w = JSONWriter(capacity: parts.reduce(256) { $0 + $1.count + 1 })
        w.object { w in
            w.member("resourceType", "Bundle")
            w.member("type", type)
            // FHIR has no empty lists.
            guard !parts.isEmpty else { return }
            w.key("entry")
            w.array { w in for part in parts { w.raw(part) } }
        }
        return Response.json(.ok, w.finish(), type: FHIRAnswer.contentType)
    }
}
