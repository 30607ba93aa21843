import CareRecord
import Ciphers
import Dispatch
import EventLog
import Intake
import Projections
import Synchronization
import Wire

/// Takes messages into the log, of one source or several: cut, read and sealed on every core, linked and appended in order.
///
/// Messages go in windows: one unit, one sync. A message that asserts who its patient is sees identity as all messages before it left it:
/// a window is cut before one whose numbers or ids an earlier message of the same window touched.
struct IngestPipeline {
    /// Messages of one window, at most.
    static let windowMessages = 512
    /// Bytes of one window, about.
    static let windowBytes = 8 << 20

    /// An organisation whose messages are taken.
    struct Source {
        let reader: SourceReader
        /// Codes of the region's organisations: an id that begins with another's is theirs.
        let region: Set<String>
    }

    let store: Store
    /// Of every input that does not say its source.
    let reader: SourceReader
    /// Of every source that an input names.
    let readers: SourceReaders
    let progress: (@Sendable (IngestSummary) -> Void)?
    /// Whether others who write may come between two units: not where something was compared with what the unit changes.
    var letsOthersBetween = false

    var settings: RegionSettings? { readers.settings }

    /// Told what became of a message, once that is durable.
    typealias Told = (PreparedMessage, MessageFate) throws(StoreError) -> Void

    /// - Throws: `StoreError` where the log stops; what was appended before stays.
    func run(_ inputs: [IngestInput], told: Told) throws(StoreError) -> IngestSummary {
        var summary = IngestSummary()
        // While one window is appended, the next is read.
        var reading: Background<[PreparedMessage]>?
        for window in Self.windows(inputs) {
            if window.allSatisfy(wasRead) {
                if let ready = reading { try take(ready.value, into: &summary, told) }
                reading = nil
                try take(window.map(prepare), into: &summary, told)
                continue
            }
            let next = Background { parallelMap(window) { prepare($0) } }
            if let ready = reading { try take(ready.value, into: &summary, told) }
            reading = next
        }
        if let ready = reading { try take(ready.value, into: &summary, told) }
        return summary
    }

    /// The messages of all files in order, cut into windows.
    private static func windows(_ inputs: [IngestInput]) -> [[CutMessage]] {
        var windows: [[CutMessage]] = []
        var window: [CutMessage] = []
        var weight = 0
        for input in inputs {
            for message in CutMessage.messages(of: input) {
                window.append(message)
                weight += message.range.count
                if window.count >= windowMessages || weight >= windowBytes {
                    windows.append(window)
                    (window, weight) = ([], 0)
                }
            }
        }
        return window.isEmpty ? windows : windows + [window]
    }

    private func take(
        _ prepared: [PreparedMessage], into summary: inout IngestSummary, _ told: Told
    ) throws(StoreError) {
        var unit: [PreparedMessage] = []
        var touched: Set<StreamToken> = []
        for message in prepared {
            let tokens = message.tokens
            if !tokens.isEmpty, !touched.isDisjoint(with: tokens) {
                try append(unit, into: &summary, told)
                if letsOthersBetween { store.intake.yield() }
                unit.removeAll(keepingCapacity: true)
                touched.removeAll(keepingCapacity: true)
            }
            touched.formUnion(tokens)
            unit.append(message)
        }
        try append(unit, into: &summary, told)
        if letsOthersBetween { store.intake.yield() }
        progress?(summary)
    }

    /// Whether it was read before its turn, by the region as it still is.
    private func wasRead(_ waiting: CutMessage) -> Bool { waiting.read?.version == readers.version }

    func prepare(_ waiting: CutMessage) -> PreparedMessage {
        if wasRead(waiting), var message = waiting.read?.message {
            message.ticket = waiting.ticket
            return message
        }
        let raw = waiting.raw
        let from = readers.sources[waiting.source ?? reader.source]
        let reader = from?.reader ?? reader
        let outcome: PreparedMessage.Outcome
        var id = ""
        let read = reader.message(
            raw, waiting.type, file: waiting.name, line: waiting.line, standing: waiting.standing)
        switch read {
        case .success(let draft) where Self.isElsewhere(draft, from?.region ?? []):
            id =
                draft.meta.messageID.isEmpty
                ? Self.fallbackID(waiting.name, waiting.line, raw) : draft.meta.messageID
            outcome = .reject(Self.elsewhere(draft), raw: raw)
        case .success(var draft):
            if draft.meta.messageID.isEmpty {
                draft.meta.messageID = Self.fallbackID(waiting.name, waiting.line, raw)
            }
            id = draft.meta.messageID
            outcome = .draft(draft)
        case .failure(let reject):
            // What can be read of its header names it all the same, so that a corrected one is known as the same message.
            if waiting.type == .hl7v2 { id = HL7Intake.messageID(of: raw) }
            if id.isEmpty { id = Self.fallbackID(waiting.name, waiting.line, raw) }
            outcome = .reject(reject, raw: raw)
        }
        return PreparedMessage(
            source: reader.source, name: waiting.name, line: waiting.line,
            key: store.keys.messageKey(source: reader.source, id: id, raw: raw, type: waiting.type),
            outcome: outcome, ticket: waiting.ticket, store.keys)
    }

    /// Whether it is about a patient by another source's id: under this one's they would be somebody else.
    private static func isElsewhere(_ draft: MessageDraft, _ region: Set<String>) -> Bool {
        guard draft.meta.isAboutPatient, let dot = draft.meta.subject.localID.firstIndex(of: ".") else {
            return false
        }
        let prefix = String(draft.meta.subject.localID[..<dot])
        return prefix != draft.meta.source && region.contains(prefix)
    }

    private static func elsewhere(_ draft: MessageDraft) -> IntakeReject {
        IntakeReject(
            code: .patientElsewhere,
            reason:
                "Patient/\(draft.meta.subject.localID) is another source's: refer to Patient/ and your own id"
        )
    }

    /// A message without an id of its own goes by file, line and digest.
    private static func fallbackID(_ name: String, _ line: Int?, _ raw: [UInt8]) -> String {
        "\(name)#\(line ?? 0)#\(SHA256.hash(raw).hex)"
    }

    private func append(
        _ unit: [PreparedMessage], into summary: inout IngestSummary, _ told: Told
    ) throws(StoreError) {
        // A message is refused where identity moved between the look and the append: look again.
        var waiting = unit
        while !waiting.isEmpty {
            let outcomes = try appendOnce(waiting, told)
            var refused: [PreparedMessage] = []
            for (message, (outcome, raised)) in zip(waiting, outcomes) {
                if case .refused = outcome {
                    refused.append(message)
                } else {
                    try record(message, outcome, raised, into: &summary, told)
                }
            }
            waiting = refused + waiting.dropFirst(outcomes.count)
        }
    }

    /// Appends the unit up to the first message whose linking must see what an earlier one of it changes: a number given up, a
    /// birth date corrected, a link made. Looking at identity as it was before both would join the wrong people.
    ///
    /// - Returns: the outcomes of what was appended; at least one.
    private func appendOnce(
        _ unit: [PreparedMessage], _ told: Told
    ) throws(StoreError) -> [(outcome: AppendOutcome, raised: [String])] {
        let head = try store.catchUpIdentity()
        let sealing = UpdateSealing(
            keys: store.keys, sealer: store.sealer, placeholders: store.placeholders(settings),
            known: store.knownSlot)
        let linking = IdentityResolution(store: store, position: head, settings: settings)
        var attribution = Attribution(store: store, identity: store.identityReader(at: head))
        let feed = try FeedResolution(unit, store: store, position: head)
        var work: [Work] = []
        var moved: Set<StreamToken> = []
        for var message in unit {
            let found = try linking.found(of: message)
            if !moved.isDisjoint(with: found.looksAt) { break }
            let said = try feed.found(of: message)
            if !moved.isDisjoint(with: said.looksAt) { break }
            moved.formUnion(found.moves)
            moved.formUnion(said.moves)
            if case .draft(let draft) = message.outcome {
                message.outcome = .draft(try attribution.attributed(draft))
            }
            work.append(Work(message: message, links: found.links, said: said))
        }
        let sealed = parallelMap(work) { work in
            Result { () throws(StoreError) in try proposal(work, since: head, sealing) }
        }
        var proposals: [Proposal] = []
        for result in sealed { proposals.append(try result.get()) }
        let wasWriting = store.log.stopReason == nil
        do throws(StoreError) {
            return zip(try store.append(proposals), work).map { ($0, $1.said.raised) }
        } catch {
            // It failed at these: some may be on the disk. What comes after them was never given to it.
            if wasWriting, store.log.stopReason != nil {
                for work in work { try told(work.message, .unknown(error)) }
            }
            throw error
        }
    }

    /// A message and what it brings about.
    private struct Work: Sendable {
        var message: PreparedMessage
        var links: [AutomaticLinks.Link]
        var said: FeedResolution.Found
    }

    private func proposal(
        _ work: Work, since head: Position, _ sealing: UpdateSealing
    ) throws(StoreError) -> Proposal {
        let message = work.message
        do throws(LogError) {
            switch message.outcome {
            case .reject(let reject, let raw):
                let entry = QuarantineEntry(
                    reject, source: message.source, file: message.name, line: message.line)
                return Proposal(records: [try sealing.quarantine(entry, raw: raw, key: message.key)])
            case .draft(let draft):
                var records = try sealing.records(of: draft, key: message.key, words: work.said.words)
                for link in work.links { records.append(try store.linkRecord(link)) }
                records += try store.feedRecords(work.said, from: message.source)
                let conditions: [Condition] =
                    message.assertsPatient || !work.said.facts.isEmpty || !work.said.words.isEmpty
                    ? [.classUnchanged(.identity, since: head)] : []
                return Proposal(records: records, conditions: conditions)
            }
        } catch { throw .log(error) }
    }

    private func record(
        _ message: PreparedMessage, _ outcome: AppendOutcome, _ raised: [String],
        into summary: inout IngestSummary, _ told: Told
    ) throws(StoreError) {
        summary.messages += 1
        let appended: AppendOutcome.Appended
        switch outcome {
        case .appended(let fresh): appended = fresh
        case .duplicate(let position, _):
            return try repeated(message, at: position, into: &summary, told)
        case .refused(_, let moved): throw .busy("identity moved at \(moved) meanwhile; try again")
        }
        summary.cover(appended.first, appended.last)
        if case .reject(let reject, _) = message.outcome {
            try told(message, .quarantined(appended.first, reject, again: false))
            summary.quarantined += 1
            summary.note(.quarantined, at: appended.first, message, reject.description)
        } else {
            try told(message, .taken(appended.first, again: false))
            summary.accepted += 1
        }
        for text in raised { summary.note(.raised, at: appended.first, message, text) }
        if let earlier = appended.sameIDOtherBytes {
            if case .draft = message.outcome, try store.closeQuarantine(at: earlier) {
                // A corrected message closes the entry of the one that could not be taken.
                summary.note(
                    .closedQuarantine, at: appended.first, message,
                    "taken in place of q\(earlier.value), which is closed")
                return
            }
            summary.note(
                .sameIDOtherBytes, at: appended.first, message,
                "the same message id came at \(earlier) with other bytes; taken as new")
        }
    }
}

extension IngestPipeline {
    /// A message whose bytes stand in the log already: its answer is what stands there. One in quarantine that reads well by now is
    /// taken, as if somebody had asked for it to be tried again.
    private func repeated(
        _ message: PreparedMessage, at position: Position, into summary: inout IngestSummary, _ told: Told
    ) throws(StoreError) {
        let standing = try store.standing(at: position)
        switch (standing, message.outcome) {
        case (.taken(let place), _): try told(message, .taken(place, again: true))
        case (.quarantined, .reject(let reject, _)):
            try told(message, .quarantined(position, reject, again: true))
        case (.quarantined, .draft):
            let appended = try store.retake(message, from: position, settings: settings)
            try told(message, .taken(appended.first, again: false))
            summary.accepted += 1
            summary.cover(appended.first, appended.last)
            summary.note(
                .closedQuarantine, at: appended.first, message,
                "q\(position.value) reads well by now: taken, and closed")
            return
        }
        summary.duplicate += 1
        store.duplicates.withLock { $0[message.source, default: 0] += 1 }
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
