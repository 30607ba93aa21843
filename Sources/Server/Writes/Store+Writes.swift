import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Writes of sources over FHIR: taken as any other message of theirs is, with what is held looked at first where a write asks for that.
extension Store {
    /// What such messages are called, where a file would have a name. Without an identifier of its own a message goes by its bytes.
    static let writeName = "http"

    /// Takes writes in order, in as few units as that allows. One that failed stops none after it, unless the log stopped.
    ///
    /// - Returns: an outcome for each.
    public func take(source: String, writes: [SourceWrite]) -> [Result<WriteOutcome, DoorFailure>] {
        intake.lock()
        defer { intake.unlock() }
        var outcomes: [Result<WriteOutcome, DoorFailure>?] = []
        var failure = DoorFailure.notTaken("its turn never came")
        do throws(StoreError) {
            var taking = WriteTaking(store: self, pipeline: try pipeline(of: source), count: writes.count)
            defer { outcomes = taking.outcomes }
            do throws(StoreError) {
                for (index, write) in writes.enumerated() { try taking.add(write, index) }
                try taking.flush()
            } catch { failure = DoorFailure(error) }
        } catch { failure = DoorFailure(error) }
        if outcomes.isEmpty { outcomes = Array(repeating: nil, count: writes.count) }
        return outcomes.map { $0 ?? .failure(failure) }
    }

    /// The resources of a write that was taken, in the order sent.
    public func written(
        _ draft: MessageDraft, at position: Position, again: Bool
    ) throws(StoreError) -> [WrittenResource] {
        let head = try catchUp()
        let region = try regionDeclaration()
        guard let organisation = region.organisations[draft.meta.source] else { return [] }
        let held = HeldResources(
            store: self, intake: fhirIntake(source: draft.meta.source, organisation, region.settings),
            position: head.position)
        var out: [WrittenResource] = []
        for (index, subject) in draft.subjects.enumerated() {
            let place = Position(position.value + UInt64(index))
            let recordedAt = try StoreError.translating { try log.header(at: place).recordedAt }
            for item in subject.items {
                let meta = item.meta
                var superseded: Position?
                if again, meta.asserted == nil, let now = try held.held(meta.type, ownID: meta.sourceID),
                    now.position != place
                {
                    superseded = now.position
                }
                let stored = try StoreError.translating { try item.bytes(of: draft.raw) }
                out.append(
                    WrittenResource(
                        type: meta.type, id: meta.daybookID, version: place, recordedAt: recordedAt,
                        isNew: try !held.wasHeld(
                            meta.type, meta.daybookID, ownID: meta.sourceID, before: place),
                        isDeletion: meta.operation == .delete,
                        content: stored.isEmpty
                            ? []
                            : try VersionedResource.bytes(
                                stored, of: "\(meta.type)/\(meta.daybookID)", version: place, at: recordedAt),
                        superseded: superseded))
            }
        }
        // What was held already stands where its entry does.
        for entry in draft.standing where entry.number <= out.count {
            out.insert(try held.standing(entry.type, ownID: entry.sourceID), at: entry.number)
        }
        return out
    }
}

/// One call's writes on their way: gathered into units until one has to see what those before it did.
private struct WriteTaking {
    let store: Store
    let pipeline: IngestPipeline
    var outcomes: [Result<WriteOutcome, DoorFailure>?]
    private var waiting: [IngestInput] = []
    /// `Type/id` of what waits; nil once that is not known.
    private var touched: Set<String>? = []

    init(store: Store, pipeline: IngestPipeline, count: Int) {
        (self.store, self.pipeline) = (store, pipeline)
        outcomes = Array(repeating: nil, count: count)
    }

    mutating func add(_ write: SourceWrite, _ index: Int) throws(StoreError) {
        let name = name(of: write)
        guard WriteChecks.isNeeded(write) else {
            if waiting.count >= IngestPipeline.windowMessages {
                try flush()
                store.intake.yield()
            }
            let id = write.ownID.map { String(decoding: pipeline.reader.fhir.ownID($0.utf8), as: UTF8.self) }
            return wait(WriteEnvelope(id: id).bytes(of: write), name, index)
        }
        // What it is compared with must be in the log.
        let isApart = name.map { name in touched.map { !$0.contains(name) } ?? false } ?? false
        if !isApart || write.criteria != nil || waiting.count >= IngestPipeline.windowMessages {
            try flush()
            // Nothing waits that was compared already: others may write meanwhile.
            store.intake.yield()
        }
        let head = try store.catchUp()
        let checks = WriteChecks(
            pipeline: pipeline,
            held: HeldResources(store: store, intake: pipeline.reader.fhir, position: head.position))
        let checked: WriteChecks.Checked
        do throws(StoreError) { checked = try StoreError.translating { try checks.checked(write) } } catch
            where error.isDamage
        {
            // This one cannot be compared, since what is held does not read. It says nothing of the others.
            outcomes[index] = .failure(
                .notTaken("what it has to be compared with could not be read: \(error)"))
            return
        }
        switch checked {
        case .answered(let outcome): outcomes[index] = .success(outcome)
        case .take(let bytes, let standing):
            wait(bytes, write.criteria == nil && standing.isEmpty ? name : nil, index, standing)
        }
    }

    private mutating func wait(
        _ bytes: [UInt8], _ name: String?, _ index: Int, _ standing: [Int: String] = [:]
    ) {
        var input = IngestInput(name: Store.writeName, bytes: bytes, type: .fhir)
        input.isOneMessage = true
        input.standing = standing
        input.ticket = index + 1
        waiting.append(input)
        if let name { touched?.insert(name) } else { touched = nil }
    }

    /// What the write changes, where that can be told before it is read.
    private func name(of write: SourceWrite) -> String? {
        guard let type = write.type else { return nil }
        guard let id = write.ownID ?? WriteChecks.bodyID(write) else { return nil }
        return "\(type)/\(String(decoding: pipeline.reader.fhir.ownID(id.utf8), as: UTF8.self))"
    }

    mutating func flush() throws(StoreError) {
        let unit = waiting
        (waiting, touched) = ([], [])
        guard !unit.isEmpty else { return }
        var told: [Int: Result<WriteOutcome, DoorFailure>] = [:]
        defer { for (ticket, outcome) in told { outcomes[ticket - 1] = outcome } }
        _ = try pipeline.run(unit) { message, fate throws(StoreError) in
            switch (fate, message.outcome) {
            case (.taken(let position, let again), .draft(let draft)):
                told[message.ticket] = .success(.taken(draft, position, again: again))
            case (.taken(let position, _), .reject): told[message.ticket] = .success(.takenBefore(position))
            case (.quarantined(let position, let reject, _), _):
                told[message.ticket] = .success(.quarantined(position, reject))
            case (.unknown(let error), _): told[message.ticket] = .failure(.unknown("\(error)"))
            }
        }
    }
}

extension SourceWrite {
    /// The id in the address, as it was sent.
    fileprivate var ownID: String? {
        switch request {
        case .update(_, let id), .delete(_, let id): id
        default: nil
        }
    }
}
