import CareRecord
import Ciphers
import Dispatch
import EventLog
import Intake
import Projections
import Synchronization
import Wire

/// Takes files of one source into the log: cut, read and sealed on every core, linked and appended in order.
///
/// Messages go in windows: one unit, one sync. A message that asserts who its patient is sees identity as all messages before it left it:
/// a window is cut before one whose numbers or ids an earlier message of the same window touched.
struct IngestPipeline {
    /// Messages of one window, at most.
    static let windowMessages = 512
    /// Bytes of one window, about.
    static let windowBytes = 8 << 20

    let store: Store
    let intake: FHIRIntake
    let settings: RegionSettings?
    let progress: (@Sendable (IngestSummary) -> Void)?

    /// One message, not read yet.
    private struct Waiting: Sendable {
        var file: FHIRFile
        var name: String
        var message: FHIRFile.Message
        /// Where the message is a line, its number in the whole file.
        var line: Int?
    }

    /// - Throws: `StoreError` where the log stops; what was appended before stays.
    func run(_ inputs: [IngestInput]) throws(StoreError) -> IngestSummary {
        var summary = IngestSummary()
        // While one window is appended, the next is read.
        var reading: Background<[PreparedMessage]>?
        for window in Self.windows(inputs) {
            let next = Background { parallelMap(window) { prepare($0) } }
            if let ready = reading { try take(ready.value, into: &summary) }
            reading = next
        }
        if let ready = reading { try take(ready.value, into: &summary) }
        return summary
    }

    /// The messages of all files in order, cut into windows.
    private static func windows(_ inputs: [IngestInput]) -> [[Waiting]] {
        var windows: [[Waiting]] = []
        var window: [Waiting] = []
        var weight = 0
        for input in inputs {
            let file = input.firstLine == nil ? FHIRFile(input.bytes) : FHIRFile(lines: input.bytes)
            for message in file.messages {
                let line = message.line.map { $0 - 1 + (input.firstLine ?? 1) }
                window.append(Waiting(file: file, name: input.name, message: message, line: line))
                weight += message.range.count
                if window.count >= windowMessages || weight >= windowBytes {
                    windows.append(window)
                    (window, weight) = ([], 0)
                }
            }
        }
        return window.isEmpty ? windows : windows + [window]
    }

    private func take(_ prepared: [PreparedMessage], into summary: inout IngestSummary) throws(StoreError) {
        var unit: [PreparedMessage] = []
        var touched: Set<StreamToken> = []
        for message in prepared {
            let tokens = message.identityTokens(store.keys)
            if !tokens.isEmpty, !touched.isDisjoint(with: tokens) {
                try append(unit, into: &summary)
                unit.removeAll(keepingCapacity: true)
                touched.removeAll(keepingCapacity: true)
            }
            touched.formUnion(tokens)
            unit.append(message)
        }
        try append(unit, into: &summary)
        progress?(summary)
    }

    private func prepare(_ waiting: Waiting) -> PreparedMessage {
        let bytes = waiting.file.bytes
        let range = waiting.message.range
        // A document's bytes are the file's own: no copy of megabytes.
        let raw = range == 0..<bytes.count ? bytes : Array(bytes[range])
        let outcome: PreparedMessage.Outcome
        var id = ""
        switch intake.message(raw, file: waiting.name, line: waiting.line) {
        case .success(var draft):
            if draft.meta.messageID.isEmpty {
                draft.meta.messageID = Self.fallbackID(waiting.name, waiting.line, raw)
            }
            id = draft.meta.messageID
            outcome = .draft(draft)
        case .failure(let reject):
            id = Self.fallbackID(waiting.name, waiting.line, raw)
            outcome = .reject(reject, raw: raw)
        }
        return PreparedMessage(
            name: waiting.name, line: waiting.line,
            key: store.keys.messageKey(source: intake.source, id: id, raw: raw), outcome: outcome)
    }

    /// A message without an id of its own goes by file, line and digest.
    private static func fallbackID(_ name: String, _ line: Int?, _ raw: [UInt8]) -> String {
        "\(name)#\(line ?? 0)#\(SHA256.hash(raw).hex)"
    }

    private func append(_ unit: [PreparedMessage], into summary: inout IngestSummary) throws(StoreError) {
        // A message is refused where identity moved between the look and the append: look again.
        var waiting = unit
        while !waiting.isEmpty {
            let outcomes = try appendOnce(waiting)
            var refused: [PreparedMessage] = []
            for (message, outcome) in zip(waiting, outcomes) {
                if case .refused = outcome {
                    refused.append(message)
                } else {
                    record(message, outcome, into: &summary)
                }
            }
            waiting = refused + waiting.dropFirst(outcomes.count)
        }
    }

    /// Appends the unit up to the first message whose linking must see what an earlier one of it changes: a number given up, a
    /// birth date corrected, a link made. Looking at identity as it was before both would join the wrong people.
    ///
    /// - Returns: the outcomes of what was appended; at least one.
    private func appendOnce(_ unit: [PreparedMessage]) throws(StoreError) -> [AppendOutcome] {
        let head = try store.catchUpIdentity()
        let sealing = UpdateSealing(
            keys: store.keys, sealer: store.sealer, placeholders: store.placeholders(settings),
            known: store.knownSlot)
        let linking = IdentityResolution(store: store, position: head, settings: settings)
        var attribution = Attribution(store: store, identity: store.identityReader(at: head))
        var work: [(PreparedMessage, [AutomaticLinks.Link])] = []
        var moved: Set<StreamToken> = []
        for var message in unit {
            let found = try linking.found(of: message)
            if !moved.isDisjoint(with: found.looksAt) { break }
            moved.formUnion(found.moves)
            if case .draft(let draft) = message.outcome {
                message.outcome = .draft(try attribution.attributed(draft))
            }
            work.append((message, found.links))
        }
        let sealed = parallelMap(work) { message, links in
            Result { () throws(StoreError) in try proposal(message, links, since: head, sealing) }
        }
        var proposals: [Proposal] = []
        for result in sealed { proposals.append(try result.get()) }
        return try store.append(proposals)
    }

    private func proposal(
        _ message: PreparedMessage, _ links: [AutomaticLinks.Link], since head: Position,
        _ sealing: UpdateSealing
    ) throws(StoreError) -> Proposal {
        do throws(LogError) {
            switch message.outcome {
            case .reject(let reject, let raw):
                let entry = QuarantineEntry(
                    reject, source: intake.source, file: message.name, line: message.line)
                return Proposal(records: [try sealing.quarantine(entry, raw: raw, key: message.key)])
            case .draft(let draft):
                var records = try sealing.records(of: draft, key: message.key)
                for link in links { records.append(try store.linkRecord(link)) }
                let conditions: [Condition] =
                    message.assertsPatient ? [.classUnchanged(.identity, since: head)] : []
                return Proposal(records: records, conditions: conditions)
            }
        } catch { throw .log(error) }
    }

    private func record(
        _ message: PreparedMessage, _ outcome: AppendOutcome, into summary: inout IngestSummary
    ) {
        summary.messages += 1
        guard case .appended(let appended) = outcome else {
            summary.duplicate += 1
            return
        }
        summary.cover(appended.first, appended.last)
        if case .reject(let reject, _) = message.outcome {
            summary.quarantined += 1
            summary.note(.quarantined, at: appended.first, message, reject.description)
        } else {
            summary.accepted += 1
        }
        if let earlier = appended.sameIDOtherBytes {
            summary.note(
                .sameIDOtherBytes, at: appended.first, message,
                "the same message id came at \(earlier) with other bytes; taken as new")
        }
    }
}

extension IngestSummary {
    /// Notes kept, at most: a feed gone wrong is told by its counts.
    static let maximumNotes = 1000

    fileprivate mutating func note(
        _ kind: Note.Kind, at position: Position, _ message: PreparedMessage, _ text: String
    ) {
        guard notes.count < Self.maximumNotes else { return }
        notes.append(Note(kind: kind, position: position, file: message.name, line: message.line, text: text))
    }
}

extension QuarantineEntry {
    init(_ reject: IntakeReject, source: String, file: String?, line: Int?) {
        self.init(
            source: source, file: file, line: line ?? reject.line, path: reject.path,
            code: reject.code.rawValue,
            reason: reject.reason)
    }
}
