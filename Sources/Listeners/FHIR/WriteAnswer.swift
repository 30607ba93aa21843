import HTTPTypes
import Hummingbird
import Intake
import Server
import Wire

/// What a write's sender is told, worked out of the log alone: the same message again is told the same.
struct WriteAnswer: Sendable {
    var status: HTTPResponse.Status
    var location: String?
    var version: Position?
    var recordedAt: Instant?
    /// The resource as a read gives it.
    var content: [UInt8] = []
    /// It found all as it asks: no event tells of it.
    var stands = false
    /// Of the receipt that tells of it instead.
    var receipt: Position?

    /// - Throws: `FHIRError` where it was not taken.
    init(_ outcome: WriteOutcome, of write: SourceWrite, store: Store, base: String) throws {
        switch outcome {
        case .taken(let draft, let position, let again):
            guard let found = try Self.written(draft, position, again, store, base).first else {
                self.init(status: .ok, version: position)
                return
            }
            self = try found.get()
        case .allStanding:
            self.init(status: .ok, version: nil)
            stands = true
        case .takenBefore(let position): self.init(status: .ok, version: position)
        case .quarantined(let position, let reject): throw FHIRError(reject, at: position, of: write)
        case .standing(let type, let id, let version):
            self.init(status: .ok, version: version)
            stands = true
            switch write.request {
            case .delete, .deleteMatching: status = .noContent
            default: break
            }
            if status != .noContent, let version {
                location = "\(base)/\(type)/\(id)/_history/\(version.value)"
            }
        case .conflict(let conflict): throw FHIRError(conflict)
        }
    }

    /// Of each entry of a message that was taken. It is durable: that it cannot be read back for the answer takes nothing of that away, so it
    /// is told as taken, without what it made.
    static func written(
        _ draft: MessageDraft, _ position: Position, _ again: Bool, _ store: Store, _ base: String
    ) throws -> [Result<WriteAnswer, FHIRError>] {
        let found: [WrittenResource]
        do throws(StoreError) { found = try store.written(draft, at: position, again: again) } catch {
            let count = draft.subjects.reduce(0) { $0 + $1.items.count } + draft.standing.count
            return Array(repeating: .success(WriteAnswer(status: .ok, version: position)), count: count)
        }
        return found.map { one in
            Result { () throws(FHIRError) in try WriteAnswer(one, base: base) }
        }
    }

    private init(status: HTTPResponse.Status, version: Position?) {
        (self.status, self.version) = (status, version)
    }

    /// - Throws: 409 where it came again, and another version is in force since.
    init(_ written: WrittenResource, base: String) throws(FHIRError) {
        if let now = written.superseded {
            throw FHIRError(
                .conflict, "duplicate", "DUPLICATE_REJECTED",
                "these bytes were taken as version \(written.version), and version \(now) is in force since: to say the same "
                    + "once more, say when (meta.lastUpdated) or against which version (If-Match)",
                headers: [.eTag: "W/\"\(now.value)\""])
        }
        status = written.isDeletion ? .noContent : written.isNew ? .created : .ok
        location = "\(base)/\(written.type)/\(written.id)/_history/\(written.version.value)"
        if written.isDeletion { location = nil }
        (version, recordedAt, content) = (written.version, written.recordedAt, written.content)
    }

    /// For those who want an OperationOutcome.
    static func taken(_ status: HTTPResponse.Status) -> [UInt8] {
        var w = JSONWriter(capacity: 192)
        w.object { w in
            w.member("resourceType", "OperationOutcome")
            w.key("issue")
            w.array { w in
                w.object { w in
                    w.member("severity", "information")
                    w.member("code", "informational")
                    w.key("details")
                    w.object { w in
                        w.member("text", status == .created ? "created, and durable" : "taken, and durable")
                    }
                }
            }
        }
        return w.finish()
    }

    /// As an entry of a response Bundle.
    func write(to w: inout JSONWriter) {
        w.object { w in
            w.key("response")
            w.object { w in
                if let receipt { ReadBatch.receipt(receipt.value, &w) }
                w.member("status", "\(status.code) \(status.reasonPhrase)")
                w.member("location", ifPresent: location)
                if let version { w.member("etag", "W/\"\(version.value)\"") }
                if let recordedAt { w.member("lastModified", recordedAt.rfc3339) }
            }
        }
    }
}

extension FHIRError {
    /// What went to quarantine: where in it the fault is, and what it is kept as.
    init(_ reject: IntakeReject, at position: Position, of write: SourceWrite) {
        let isSyntax = Self.syntax.contains(reject.code)
        let id = "q\(position.value)"
        self.init(
            isSyntax ? .badRequest : .unprocessableContent, isSyntax ? "structure" : "invalid",
            isSyntax ? "BAD_REQUEST" : "INVALID_RESOURCE",
            "\(reject.reason); kept in quarantine as \(id)")
        expression = reject.path.map { path in
            guard let type = write.type else { return path }
            return path.replacing("Bundle.entry[0].resource", with: type)
        }
        place = reject.line.map { "line \($0), column \(reject.column ?? 1)" }
        headers[FHIRAnswer.quarantine] = id
    }

    private static let syntax: Set<IntakeReject.Code> = [
        .empty, .truncated, .charset, .unexpected, .badEscape, .badNumber, .controlCharacter,
        .duplicateMember, .trailingBytes,
    ]

    init(_ conflict: WriteConflict) {
        switch conflict {
        case .version(let held):
            self.init(
                .preconditionFailed, "conflict", "BAD_REQUEST",
                held.map { "version \($0) is in force, not the one named" } ?? "no version of it is held")
        case .exists(let position):
            self.init(
                .conflict, "duplicate", "DUPLICATE_REJECTED",
                "a resource of that id is held, in version \(position): update it")
        case .several(let count):
            self.init(
                .preconditionFailed, "multiple-matches", "BAD_REQUEST",
                "the condition finds \(count) resources")
        // Not 412: R4's clients take that for several that were found.
        case .notConditional:
            self.init(
                .badRequest, "not-supported", "BAD_REQUEST",
                "a condition is looked up among what its patient's source sent: this names no patient")
        case .notInTransaction:
            self.init(
                .badRequest, "not-supported", "BAD_REQUEST",
                "an entry of a transaction updates or deletes Type/id: find it first, or send that change by itself"
            )
        case .shared(let type):
            self.init(
                .conflict, "not-supported", "BAD_REQUEST",
                "\(type) is kept with each patient whose message brought it, and no such was sent by itself: send those messages anew"
            )
        case .otherResource:
            self.init(
                .badRequest, "invalid", "BAD_REQUEST",
                "the condition finds another resource than the id in the body names")
        }
    }
}

extension FHIRAnswer {
    static let quarantine = HTTPField.Name("Daybook-Quarantine")!
}
