import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Reads one page of the feed: decides each patient that a batch is about as a read by this caller now would, and tells of what changed
/// only what such a read would show.
struct FeedReading {
    let store: Store
    let request: FeedRequest
    let viewer: Viewer
    let head: LogHead
    let history: RegionHistory
    let identity: IdentityReader
    private(set) var patients: [Patient] = []
    /// In the order told: the patient's place in `patients`, and the line.
    private(set) var lines: [(patient: Int, line: Line)] = []
    /// By subject; nil: nothing of theirs may be told.
    private var known: [StreamToken: Int?] = [:]

    struct Line {
        var position: Position
        /// Without its receipt.
        var json: [UInt8]
        var item: ReceiptDetail.Item
        var source: String
        var basis: [Position]
    }

    /// A patient of whom something may be told now.
    struct Patient {
        var decided: Store.DecidedView
        /// By `Type/id`: the item that is shown, of a Patient its newest part.
        var shown: [String: ViewItem]
        var gone: [ViewItem]

        var subjects: [StreamToken] { decided.draft.patient.union?.subjects ?? [] }
    }

    init(
        store: Store, request: FeedRequest, viewer: Viewer, head: LogHead, history: RegionHistory
    ) {
        (self.store, self.request, self.viewer) = (store, request, viewer)
        (self.head, self.history) = (head, history)
        identity = store.identityReader(at: head.position)
    }

    /// Adds what a batch changed.
    mutating func read(_ batch: FeedScan.Batch) throws {
        var subjects = batch.updated
        for position in batch.facts {
            for token in try store.opener.sealedFact(of: try store.log.read(at: position)).tokens {
                subjects += try bearers(of: token)
            }
        }
        var met: Set<Int> = []
        for subject in subjects {
            guard let index = try patient(of: subject), met.insert(index).inserted else { continue }
            try tell(batch, of: index)
        }
    }

    /// A subject, or whoever ever bore a number.
    private func bearers(of token: StreamToken) throws -> [StreamToken] {
        try identity.firstSeen(token) == nil ? try identity.everBore(token) : [token]
    }

    // MARK: Who

    private mutating func patient(of subject: StreamToken) throws -> Int? {
        if let known = known[subject] { return known }
        let found = try decided(subject)
        let index: Int? = found.map { _ in patients.count }
        if let found { patients.append(found) }
        for token in found?.subjects ?? [subject] { known[token] = .some(index) }
        known[subject] = .some(index)
        return index
    }

    /// - Returns: nil where a search by this caller would find nothing of theirs. A shielded patient is in no search, nor here.
    private func decided(_ subject: StreamToken) throws -> Patient? {
        let name = try store.subjectName(of: subject)
        if name.organisation == Store.erasedOrganisation { return nil }
        let view = ViewRequest(
            user: viewer.user, patient: .subject(name), purpose: request.caller.purpose,
            profile: viewer.profile, asker: Asker(systemUser: Store.systemUser, user: viewer.user))
        var decided = try store.decided(view, isBare: true)
        guard decided.answer.permitted, let context = decided.context, context.shields.isEmpty else {
            return nil
        }
        let inContext = try store.isInContext(request.caller, decided.draft.patient)
        let once = decided.draft.patient.stored.filter { $0.fact.kind == .permissionToView && $0.fact.once }
        let passing = Set(once.map(\.position) + context.overrides.map(\.position))
        guard passing.isDisjoint(with: decided.answer.basis) else { return nil }
        // What stands on a look at a moment of need, or on one look alone, is not streamed.
        func may(_ item: ViewItem) -> Bool {
            let type = String(item.reference.prefix { $0 != "/" })
            return request.caller.may(.read, type, isInContext: inContext)
                && passing.isDisjoint(with: item.basis)
        }
        var shown: [String: ViewItem] = [:]
        for item in decided.draft.items where item.resource != nil && may(item) {
            let reference = item.reference
            if let other = shown[reference], other.position >= item.position { continue }
            shown[reference] = item
        }
        let gone = decided.answer.tombstones.filter { may($0) }
        decided.draft.asker = Asker(systemUser: Store.systemUser)
        decided.draft.question = .feed
        decided.draft.query = .text(
            "feed after=\(request.after.value) purpose=\(request.caller.purpose) role=\(viewer.profile ?? "")"
        )
        decided.draft.call = Receipt.Call(request.caller.call)
        (decided.draft.items, decided.draft.spends) = ([], [])
        return Patient(decided: decided, shown: shown, gone: gone)
    }

    // MARK: What

    private mutating func tell(_ batch: FeedScan.Batch, of index: Int) throws {
        let patient = patients[index]
        let positions = batch.first...batch.last
        let isNew = batch.facts.isEmpty ? [] : try becameVisible(to: patient, with: batch)
        for (reference, item) in patient.shown.sorted(by: { $0.key < $1.key })
        where positions.contains(item.position) || isNew.contains(reference) {
            guard let owner = try owner(of: reference, in: patient) else { continue }
            try add(item, reference, of: owner, index, batch, isGone: false)
        }
        for item in patient.gone where positions.contains(item.position) {
            let reference = item.reference
            let touched = patient.subjects.filter { batch.updated.contains($0) }
            guard
                let owner = try owner(of: reference, in: patient)
                    ?? (touched.count == 1 ? try store.patientID(of: touched[0]) : nil)
            else { continue }
            try add(item, reference, of: owner, index, batch, isGone: true)
        }
    }

    private mutating func add(
        _ item: ViewItem, _ reference: String, of owner: String, _ index: Int, _ batch: FeedScan.Batch,
        isGone: Bool
    ) throws {
        var w = JSONWriter(capacity: 160)
        w.object { w in
            w.member("position", batch.last.value)
            w.member("patient", owner)
            w.member("resource", reference)
            if isGone {
                w.member("deleted", true)
            } else {
                w.member("version", String(item.position.value))
            }
        }
        let told = ReceiptDetail.Item(
            reference: reference, position: item.position, category: item.category.name, rule: item.rule)
        lines.append(
            (
                index,
                Line(
                    position: batch.last, json: w.finish(), item: told, source: item.source, basis: item.basis
                )
            ))
    }

    /// `Patient/id` of the subject whose the resource is; nil for what names no patient: it comes with what cites it.
    private func owner(of reference: String, in patient: Patient) throws -> String? {
        if reference.hasPrefix("Patient/") { return reference }
        guard let owner = try identity.owner(of: store.keys.claim(reference)),
            patient.subjects.contains(owner)
        else { return nil }
        return try store.patientID(of: owner)
    }

    /// What could be seen just after the batch, and not just before it, at one instant: time alone brings nothing here.
    private func becameVisible(to patient: Patient, with batch: FeedScan.Batch) throws -> Set<String> {
        let instant = try store.log.time(of: batch.last)
        func seen(at position: Position) throws -> Set<String> {
            let point = AskedPoint(position: position, instant: instant, shown: instant, isFinal: true)
            var out: Set<String> = []
            for subject in patient.subjects {
                let name = try store.subjectName(of: subject)
                if name.organisation == Store.erasedOrganisation { continue }
                let view = ViewRequest(
                    user: viewer.user, patient: .subject(name), purpose: request.caller.purpose,
                    profile: viewer.profile, asker: Asker(systemUser: Store.systemUser, user: viewer.user))
                let sight = try store.sight(view, at: point, known: nil, history)
                for outcome in sight.outcomes where outcome.decision.permit { out.insert(outcome.reference) }
            }
            return out
        }
        return try seen(at: batch.last).subtracting(seen(at: Position(batch.first.value - 1)))
    }
}
