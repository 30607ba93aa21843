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

    /// Entries of a batch and lines of NDJSON, at most.
    static let maximumMessages = 10_000
    static let lines = "application/fhir+ndjson"

    func add(to fhir: RouterGroup<ServerContext>) {
        fhir.post("") { request, context in
            let types = ["application/fhir+json", "application/json", Self.lines, "application/x-ndjson"]
            let body = try await WriteRoutes.body(request, upTo: bodyBytes, types: types)
            if request.headers[.contentType]?.contains("ndjson") ?? false {
                return try await lines(body, context)
            }
            let root = (try? JSONDocument(body))?.root
            if root?["resourceType"]?.string == "Bundle", root?["type"]?.string == "batch" {
                let entries = root?["entry"]?.elements ?? []
                if ReadBatch.reads(entries) {
                    let reader = ResourceReader(calls: calls, base: base)
                    return try await ReadBatch(reader: reader).answer(entries, request, context)
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
                let base = base()
                return try store.written(draft, at: position, again: again).map {
                    Result<WriteAnswer, FHIRError>.success(try WriteAnswer($0, base: base))
                }
            }
            return Self.response("transaction-response", answers, context)
        case .quarantined(let position, let reject): throw FHIRError(reject, at: position, of: write)
        case .conflict(let conflict): throw FHIRError(conflict)
        case .standing: throw FHIRError.badRequest("nothing was to be done")
        }
    }

    private func batch(
        _ entries: [JSONCursor], _ request: Request, _ context: ServerContext
    ) async throws -> Response {
        guard entries.count <= Self.maximumMessages else { throw Self.tooMany(entries.count, "entries") }
        let reads = entries.map { entry in
            Result { try WriteReader.write(entry, context, request) }.mapError(FHIRErrorMiddleware.told)
        }
        return try await answer(reads, "batch-response", context)
    }

    private func lines(_ body: [UInt8], _ context: ServerContext) async throws -> Response {
        let messages = FHIRFile(lines: body).messages
        guard messages.count <= Self.maximumMessages else { throw Self.tooMany(messages.count, "lines") }
        let writes = messages.map { message in
            Result<SourceWrite, FHIRError>.success(
                SourceWrite(.message, body: Array(body[message.range])))
        }
        return try await answer(writes, "batch-response", context)
    }

    private static func tooMany(_ count: Int, _ what: String) -> FHIRError {
        FHIRError(
            .contentTooLarge, "too-long", "BAD_REQUEST",
            "\(count) \(what): at most \(maximumMessages) are taken at once")
    }

    /// Takes what can be taken, in order, and tells of each.
    private func answer(
        _ asked: [Result<SourceWrite, FHIRError>], _ type: String, _ context: ServerContext
    ) async throws -> Response {
        let caller = try context.authenticated()
        let allowed = try await calls.run { store in
            try asked.map { one -> Result<(SourceWrite, String), FHIRError> in
                do {
                    let write = try one.get()
                    return .success((write, try store.source(of: caller, sending: [write])))
                } catch let refusal as CallerRefusal {
                    return .failure(FHIRError(refusal))
                } catch let error as FHIRError { return .failure(error) }
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
        return Self.response(type, answers, context)
    }

    private static func response(
        _ type: String, _ answers: [Result<WriteAnswer, FHIRError>], _ context: ServerContext
    ) -> Response {
        var w = JSONWriter(capacity: 256 + answers.count * 256)
        w.object { w in
            w.member("resourceType", "Bundle")
            w.member("type", type)
            w.key("entry")
            w.array { w in
                for answer in answers {
                    switch answer {
                    case .success(let answer): answer.write(to: &w)
                    case .failure(let error): error.write(to: &w, trace: context.traceID)
                    }
                }
            }
        }
        return Response.json(.ok, w.finish(), type: FHIRAnswer.contentType)
    }
}

extension FHIRError {
    /// As an entry of a response Bundle.
    fileprivate func write(to w: inout JSONWriter, trace: String) {
        w.object { w in
            w.key("response")
            w.object { w in
                w.member("status", "\(status.code) \(status.reasonPhrase)")
                w.key("outcome")
                let bytes = outcome(trace: trace)
                w.raw { $0.append(contentsOf: bytes) }
            }
        }
    }
}
