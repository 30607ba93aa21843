import HTTPTypes
import Hummingbird
import Intake
import Server
import Synchronization
import Wire

/// A Bundle of type `batch` whose entries only read: each is decided, receipted and answered by itself, in order. What one is refused
/// keeps no other.
struct ReadBatch {
    /// Entries, at most.
    static let maximumEntries = 100
    /// Where an entry's answer says which receipt is its own.
    static let receiptExtension = "https://daybook.invalid/fhir/receipt"

    /// Bytes of the answers together, at which no more is asked: the last may pass it.
    static let maximumBytes = 16 << 20

    let reader: ResourceReader
    let underWay: Count
    /// What shows nothing is told at the next whole beat after it was asked.
    let beat: Duration
    let bytes: Int

    /// Batches answered at once: each is held in memory whole.
    final class Count: Sendable {
        static let most = 4
        private let now = Atomic<Int>(0)

        func enter() -> Bool {
            if now.add(1, ordering: .relaxed).newValue <= Self.most { return true }
            leave()
            return false
        }

        func leave() { now.subtract(1, ordering: .relaxed) }
    }

    /// Whether all that it asks is to read.
    static func reads(_ entries: [JSONCursor]) -> Bool {
        !entries.isEmpty && entries.allSatisfy(isRead)
    }

    static func isRead(_ entry: JSONCursor) -> Bool {
        ["GET", "HEAD"].contains(entry["request"]?["method"]?.string ?? "")
    }

    func answer(
        _ entries: [JSONCursor], _ request: Request, _ context: ServerContext
    ) async throws -> Response {
        guard entries.count <= Self.maximumEntries else {
            let tooMany = FHIRError(
                .contentTooLarge, "too-long", "BAD_REQUEST",
                "at most \(Self.maximumEntries) reads are answered at once")
            throw try await recorded(tooMany, context)
        }
        let parts = try await parts(entries, request, context)
        var w = JSONWriter(capacity: parts.reduce(256) { $0 + $1.count + 1 })
        w.object { w in
            w.member("resourceType", "Bundle")
            ReadNotice.write(to: &w)
            w.member("type", "batch-response")
            w.key("entry")
            w.array { w in for part in parts { w.raw(part) } }
        }
        return Response.json(.ok, w.finish(), type: FHIRAnswer.contentType)
    }

    /// Each entry's answer, as an entry of the response.
    ///
    /// - Throws: where the log takes nothing.
    func parts(
        _ entries: [JSONCursor], _ request: Request, _ context: ServerContext
    ) async throws -> [[UInt8]] {
        if entries.isEmpty { return [] }
        let isLetIn = underWay.enter()
        defer { if isLetIn { underWay.leave() } }
        var parts: [[UInt8]] = []
        var held = 0
        for entry in entries {
            // What else the batch asked stands: each read is pushed back by itself.
            guard isLetIn else {
                parts.append(Self.entry(Self.busy, context.traceID))
                continue
            }
            let start = ContinuousClock.now
            do {
                guard held < bytes else { throw Self.tooCostly }
                parts.append(try await one(entry, request, context))
            } catch {
                let told = FHIRErrorMiddleware.told(try await recorded(error, context))
                // The log takes nothing: neither will it for the others.
                if told.receipt == nil, told.status.code >= 500 { throw error }
                // Each at its own: a hundred of the same would add up what one took longer than another.
                if FHIRErrorMiddleware.quiet.contains(told.status.code) {
                    await FHIRErrorMiddleware.wait(since: start, beat)
                }
                parts.append(Self.entry(told, context.traceID))
            }
            held += parts.last?.count ?? 0
        }
        return parts
    }

    private static let busy = FHIRError(
        .serviceUnavailable, "throttled", "INTERNAL_SERVER_ERROR",
        "at most \(Count.most) batches of reads are answered at once; ask again")
    private static let tooCostly = FHIRError(
        .contentTooLarge, "too-costly", "BAD_REQUEST",
        "the answers before it fill the batch: ask for it by itself")

    private func recorded(_ error: any Error, _ context: ServerContext) async throws -> any Error {
        try await FailureReceiptMiddleware(calls: reader.calls).recorded(error, context, route: "batch")
    }

    private func one(
        _ entry: JSONCursor, _ request: Request, _ context: ServerContext
    ) async throws -> [UInt8] {
        let url = entry["request"]?["url"]?.string ?? ""
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = (parts.first ?? "").split(separator: "/").map(String.init)
        guard !url.hasPrefix("/"), !url.contains("://"), let address = ReadAddress(path) else {
            throw FHIRError.badRequest("url: an address relative to this server's base")
        }
        let answer = try await reader.answer(
            address, parts.count > 1 ? String(parts[1]) : "", request, context)
        var headers: HTTPFields = [:]
        headers[.ifNoneMatch] = entry["request"]?["ifNoneMatch"]?.string
        headers[.ifModifiedSince] = entry["request"]?["ifModifiedSince"]?.string
        var isUnchanged = false
        if address.isOne, let version = answer.version {
            isUnchanged = Conditions.isUnchanged(
                headers, version: version.value, modified: answer.lastModified)
        }
        let isHead = entry["request"]?["method"]?.string == "HEAD"
        return Self.entry(
            answer, isOne: address.isOne, status: isUnchanged ? "304 Not Modified" : "200 OK",
            body: isUnchanged || isHead ? nil : answer.body)
    }

    private static func entry(
        _ answer: ResourceAnswer, isOne: Bool, status: String, body: [UInt8]?
    ) -> [UInt8] {
        var w = JSONWriter(capacity: (body?.count ?? 0) + 384)
        w.object { w in
            if let body { w.member("resource", raw: body[...]) }
            w.key("response")
            w.object { w in
                receipt(answer.receipt.value, &w)
                w.member("status", status)
                guard isOne, let version = answer.version else { return }
                w.member("etag", "W/\"\(version.value)\"")
                w.member("lastModified", ifPresent: answer.lastModified?.rfc3339)
            }
        }
        return w.finish()
    }

    static func entry(_ error: FHIRError, _ trace: String) -> [UInt8] {
        var w = JSONWriter(capacity: 640)
        w.object { w in
            w.key("response")
            w.object { w in
                if let position = error.receipt { receipt(position, &w) }
                w.member("status", "\(error.status.code) \(error.status.reasonPhrase)")
                w.member("outcome", raw: error.outcome(trace: trace)[...])
            }
        }
        return w.finish()
    }

    static func receipt(_ position: UInt64, _ w: inout JSONWriter) {
        w.key("extension")
        w.array { w in
            w.object { w in
                w.member("url", receiptExtension)
                w.member("valueString", String(position))
            }
        }
    }
}
