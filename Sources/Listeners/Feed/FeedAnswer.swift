import Hummingbird
import Intake
import NIOCore
import Server
import ServiceLifecycle
import Synchronization
import Wire

/// One answer of the feed, page by page: the next is read when the consumer has taken the last.
struct FeedAnswer: Sendable {
    let request: Request
    let context: ServerContext
    let calls: StoreCalls
    let authentication: AuthenticationMiddleware
    let readiness: Readiness
    let limits: FeedLimits
    /// Kept until the answer is over.
    let place: FeedStreams.Place
    let first: FeedPage

    /// Why an answer ended.
    enum End: String {
        /// All of it was told.
        case head
        case lines, time, stopping
        /// The token or its user is no longer let in.
        case refused
        /// Nothing can be told with a durable receipt now.
        case busy
    }

    /// Lines of JSON up to the newest record there was; the last says where to go on.
    func lines(to writer: inout any ResponseBodyWriter) async throws {
        try await watched { pen in
            var page = first
            var left = limits.lines
            let (over, through) = (ContinuousClock.now + limits.linesTime, first.head)
            var end = End.head
            while true {
                var out = ByteBuffer()
                for line in page.lines {
                    out.writeBytes(line.json)
                    out.writeInteger(UInt8(ascii: "\n"))
                }
                try await pen.write(out, to: &writer)
                left -= page.lines.count
                if page.next >= through { break }
                if left <= 0 { end = .lines } else if .now >= over { end = .time }
                if isStopping { end = .stopping }
                if end != .head { break }
                switch await next(after: page.next, through: through, lines: left) {
                case .success(let found): page = found
                case .failure(let reason): end = reason.end
                }
                if end != .head { break }
            }
            try await pen.write(ByteBuffer(bytes: Self.last(page, end) + [0x0A]), to: &writer)
        }
    }

    /// Events until its time is over, or the server stops.
    func stream(to writer: inout any ResponseBodyWriter) async throws {
        try await watched { pen in
            let over = ContinuousClock.now + limits.streamTime
            var heartbeat = ContinuousClock.now + limits.heartbeat
            var page = first
            try await pen.write(ByteBuffer(string: "retry: 1000\n\n"), to: &writer)
            try await pen.write(Self.events(page), to: &writer)
            while true {
                if isStopping { return try await end(page, .stopping, pen, &writer) }
                if .now >= over { return try await end(page, .time, pen, &writer) }
                let isBehind: Bool
                if let reached = try reached(page.next) {
                    (page.next, isBehind) = (reached, false)
                } else {
                    isBehind = true
                    switch await next(after: page.next, through: nil, lines: limits.lines) {
                    case .success(let found): page = found
                    case .failure(let reason): return try await end(page, reason.end, pen, &writer)
                    }
                    if !page.lines.isEmpty { try await pen.write(Self.events(page), to: &writer) }
                }
                // Also while it catches up: pages that tell nothing would leave the consumer where it was.
                if .now >= heartbeat {
                    heartbeat = .now + limits.heartbeat
                    if case .failure(let ended) = await caller() {
                        return try await end(page, ended.end, pen, &writer)
                    }
                    // Without data it is no event, and moves the consumer's Last-Event-ID on.
                    let at = page.next.value
                    try await pen.write(ByteBuffer(string: ": position \(at)\nid: \(at)\n\n"), to: &writer)
                }
                if !isBehind { try await Task.sleep(for: limits.tick) }
            }
        }
    }

    private func end(
        _ page: FeedPage, _ end: End, _ pen: Pen, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var out = ByteBuffer(string: "event: end\nid: \(page.next.value)\ndata: ")
        out.writeBytes(Self.last(page, end))
        out.writeString("\n\n")
        try await pen.write(out, to: &writer)
    }

    // MARK: Pages

    private struct Ended: Error { var end: End }

    private var isStopping: Bool { readiness.isStopping || Task.isShuttingDownGracefully }

    /// The newest record, where nothing that the feed tells of came after the position; nil where something did.
    private func reached(_ position: Position) throws -> Position? {
        // In this order: what comes between the two looks is told next time.
        let head = try calls.store.log.head.position
        return try calls.store.feedHead() <= position ? max(position, head) : nil
    }

    /// Whoever the token names, as policy has them now.
    private func caller() async -> Result<Caller, Ended> {
        do { return .success(try await authentication.admitted(request, context)) } catch {
            return .failure(ended(by: error))
        }
    }

    private func next(after: Position, through: Position?, lines: Int) async -> Result<FeedPage, Ended> {
        let caller: Caller
        switch await self.caller() {
        case .success(let found): caller = found
        case .failure(let ended): return .failure(ended)
        }
        do {
            return .success(
                try await FeedRoutes.page(
                    FeedRequest(caller: caller, after: after, through: through, lines: lines, isFirst: false),
                    calls))
        } catch { return .failure(ended(by: error)) }
    }

    private func ended(by error: any Error) -> Ended {
        let told = FHIRErrorMiddleware.told(error)
        let isRefused = [401, 403].contains(told.status.code)
        if !isRefused { context.log.warning("feed: \(told.status.code): \(type(of: error))") }
        return Ended(end: isRefused ? .refused : .busy)
    }

    // MARK: Bytes

    private static func events(_ page: FeedPage) -> ByteBuffer {
        var out = ByteBuffer()
        for (index, line) in page.lines.enumerated() {
            // Only the last of a batch: whoever breaks off inside it has the whole batch again.
            let isLast = index + 1 == page.lines.count || page.lines[index + 1].position != line.position
            out.writeString("event: change\n" + (isLast ? "id: \(line.position.value)\n" : "") + "data: ")
            out.writeBytes(line.json)
            out.writeString("\n\n")
        }
        return out
    }

    private static func last(_ page: FeedPage, _ end: End) -> [UInt8] {
        var w = JSONWriter(capacity: 128)
        w.object { w in
            w.member("next", page.next.value)
            w.member("head", page.head.value)
            w.member("policy", page.policy.value)
            w.member("end", end.rawValue)
        }
        return w.finish()
    }

    // MARK: A consumer that takes nothing

    /// Writes, and knows since when one write waits for its consumer.
    private final class Pen: Sendable {
        private let waitingSince = Mutex<ContinuousClock.Instant?>(nil)

        func write(_ bytes: ByteBuffer, to writer: inout any ResponseBodyWriter) async throws {
            waitingSince.withLock { $0 = .now }
            defer { waitingSince.withLock { $0 = nil } }
            try await writer.write(bytes)
        }

        func hasWaited(_ time: Duration) -> Bool {
            waitingSince.withLock { since in since.map { .now - $0 > time } ?? false }
        }
    }

    /// Runs the body, and closes the connection of a consumer that takes none of what is written.
    private func watched(_ body: (Pen) async throws -> Void) async throws {
        let pen = Pen()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [limits, channel = context.channel] in
                while !Task.isCancelled {
                    try await Task.sleep(for: min(limits.stall, .seconds(1)))
                    if pen.hasWaited(limits.stall) { return channel.close(promise: nil) }
                }
            }
            defer { group.cancelAll() }
            try await body(pen)
        }
    }
}
