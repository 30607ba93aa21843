import HTTPTypes
import Hummingbird
import Server
import Wire

/// `GET /feed?after=POSITION`: which resources that this caller may see changed, as NDJSON up to the newest, or as server-sent events
/// that go on. It names resources and shows none: a read does, and decides again.
struct FeedRoutes {
    static let ndjson = "application/x-ndjson"
    static let events = "text/event-stream"

    let calls: StoreCalls
    let authentication: AuthenticationMiddleware
    let readiness: Readiness
    let streams: FeedStreams
    let limits: FeedLimits
    let beat: Duration

    func add(to router: Router<ServerContext>) {
        let feed = router.group("feed").add(middleware: FHIRErrorMiddleware(beat: beat, form: .problem))
            .add(middleware: authentication)
            .add(middleware: FailureReceiptMiddleware(calls: calls))
        feed.get("") { try await answer($0, $1) }
    }

    private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        let start = ContinuousClock.now
        let caller = try context.authenticated()
        let isStream = try Self.isStream(request)
        let after = try Self.after(request, isStream: isStream)
        let place = try streams.place(of: caller)
        let first = try await Self.page(
            FeedRequest(caller: caller, after: after, lines: limits.lines, isFirst: true), calls)
        // How long it took does not tell how much was decided and not shown.
        await FHIRErrorMiddleware.wait(since: start, beat)
        let answer = FeedAnswer(
            request: request, context: context, calls: calls, authentication: authentication,
            readiness: readiness, limits: limits, place: place, first: first)
        var headers: HTTPFields = [
            .contentType: isStream ? Self.events : Self.ndjson, .cacheControl: "no-store",
            FHIRAnswer.position: String(first.head.value),
        ]
        if let receipt = first.receipt { headers[FHIRAnswer.receipt] = String(receipt.value) }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                if isStream {
                    try await answer.stream(to: &writer)
                } else {
                    try await answer.lines(to: &writer)
                }
                try await writer.finish(nil)
            })
    }

    static func page(_ request: FeedRequest, _ calls: StoreCalls) async throws -> FeedPage {
        do { return try await calls.run { try $0.feedPage(request) } } catch let refusal as ResourceRefusal {
            throw FHIRError(refusal)
        }
    }

    /// By `Accept`: NDJSON unless events are asked for.
    private static func isStream(_ request: Request) throws -> Bool {
        let accepted = request.headers[values: .accept].flatMap { $0.split(separator: ",") }.map { part in
            part.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        }
        if accepted.contains(events) { return true }
        let lines = [ndjson, "application/ndjson", "application/*", "*/*"]
        guard accepted.isEmpty || accepted.contains(where: { lines.contains($0) }) else {
            throw FHIRError(
                .notAcceptable, "not-supported", "BAD_REQUEST", "accept \(ndjson) or \(events)")
        }
        return false
    }

    /// `Last-Event-ID` of a stream that broke, else `after`.
    private static func after(_ request: Request, isStream: Bool) throws -> Position {
        var query = try AuditQuery(request)
        let asked = try query.position("after")
        try query.finish()
        if isStream, let text = request.headers[lastEventID] {
            guard let last = AuditQuery.position(text) else {
                throw FHIRError.badRequest("Last-Event-ID: a position, as this feed gave it")
            }
            return last
        }
        guard let asked else {
            throw FHIRError.badRequest("after is needed: 0 to begin with, then where the last answer ended")
        }
        return asked
    }

    static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
