import CareRecord
import EventLog
import Projections
import Wire

extension Store {
    /// What the erasure would take, and whether it may: nothing is changed.
    ///
    /// - Throws: `usage` where the request is not one; `refused` under a legal hold, for approvers who may not approve, and where nobody
    ///   of that name is held.
    public func erasurePlan(_ request: ErasureRequest) throws(StoreError) -> ErasurePlan {
        try erasurePlan(request, told: nil)
    }

    /// - Parameter told: what the log told of keys up to some position: it is not looked for again.
    func erasurePlan(_ request: ErasureRequest, told: ToldSlots?) throws(StoreError) -> ErasurePlan {
        let head = try catchUp()
        _ = try operatorIdentity(request.asker, head: head)
        try checkApproval(request, head: head)
        return try StoreError.translating {
            try trail.catchUp(to: head.position)
            let (union, chosen, person, numbers) = try whom(request, head)
            if let given = person.given(away: request.authority) {
                throw StoreError.usage(
                    "--authority holds \(given) of the patient's, and it is kept for good: name the ground, not the person"
                )
            }
            try checkHolds(union, numbers, head)
            let slots = try toldSlots(of: numbers.union(chosen), through: head.position, told).slots
            var targets: [ErasurePlan.Target] = []
            try add(chosen, .subject, slots, to: &targets)
            try add(numbers.sorted(), .number, slots, to: &targets)
            guard targets.contains(where: { $0.kind == .subject }) else {
                throw StoreError.usage("\(request.patient) was erased before, and nothing came since")
            }
            let quarantined = try quarantined(naming: person)
            targets += quarantined
            return ErasurePlan(
                targets: targets, subjects: try chosen.map { try subjectName(of: $0) },
                staying: try union.subjects.filter { !chosen.contains($0) }.map { try subjectName(of: $0) },
                numbers: Set(targets.filter { $0.kind == .number }.map(\.stream)).count,
                quarantined: quarantined.compactMap { $0.closes.map { "q\($0.value)" } }, head: head)
        }
    }

    /// Whom it is about: everybody linked, whose records are to go, what the person is called by, and every number that was ever theirs.
    private func whom(_ request: ErasureRequest, _ head: LogHead) throws -> (
        union: PatientUnion, chosen: [StreamToken], person: NamedPerson, numbers: Set<StreamToken>
    ) {
        let identity = identityReader(at: head.position)
        let asked = keys.token(of: request.patient)
        let union =
            switch request.patient {
            case .nhs: try identity.union(bearing: asked)
            case .subject: try identity.union(of: asked)
            }
        guard let union else {
            throw StoreError.refused("nothing is held of \(request.patient): there is nobody to erase")
        }
        let chosen = try chosen(request, union, asked)
        let (person, numbers) = try person(chosen, identity, asked: request.patient)
        return (union, chosen, person, numbers)
    }

    /// Two different people in force, neither the operator, with a say in governance, one of them such as may open a case.
    private func checkApproval(_ request: ErasureRequest, head: LogHead) throws(StoreError) {
        let text = request.authority
        guard (1...Self.maximumAuthority).contains(text.utf8.count), !text.contains(where: \.isNewline) else {
            throw .usage(
                "--authority is one line of at most \(Self.maximumAuthority) bytes that says on what ground")
        }
        guard request.approvedBy.count == 2, Set(request.approvedBy).count == 2 else {
            throw .usage(
                "an erasure is approved by two different users: --approved-by USER --approved-by USER")
        }
        let now = DecisionPoint(instant: try clock(), position: head.position)
        let state = try regionState().history.state(at: now)
        var mayOpenCases = false
        for user in request.approvedBy {
            guard state.user(user).terms != nil else {
                throw .usage("--approved-by \(user): no such user in force in the region")
            }
            guard user != request.asker.user else {
                throw .refused("--approved-by \(user): approval must be somebody else's than the operator's")
            }
            let activities = state.identity(of: Viewer(user: user)).activities
            guard activities.contains("view-audit") else {
                throw .refused("--approved-by \(user): no role in force with the activity view-audit")
            }
            mayOpenCases = mayOpenCases || activities.contains("open-case")
        }
        guard mayOpenCases else {
            throw .refused(
                "one of the two who approve must have a role in force with the activity open-case: a Caldicott Guardian's"
            )
        }
    }

    /// Bytes of an authority's words.
    static let maximumAuthority = 500

    private func chosen(
        _ request: ErasureRequest, _ union: PatientUnion, _ asked: StreamToken
    ) throws -> [StreamToken] {
        if request.allLinked { return union.subjects }
        if case .subject = request.patient {
            guard union.subjects.contains(asked) else {
                throw StoreError.refused("nothing is held of \(request.patient): there is nobody to erase")
            }
            return [asked]
        }
        guard union.subjects.count == 1 else {
            let names = try union.subjects.map { "\(try subjectName(of: $0))" }
            throw StoreError.usage(
                "\(request.patient) is \(names.count) linked records, \(names.joined(separator: ", ")): name one of them, or say --all-linked"
            )
        }
        return union.subjects
    }

    /// What the person is called by, and the tokens of every number that was ever theirs.
    private func person(
        _ subjects: [StreamToken], _ identity: IdentityReader, asked: PatientReference
    ) throws -> (NamedPerson, Set<StreamToken>) {
        var person = NamedPerson()
        var numbers: Set<StreamToken> = []
        if case .nhs(let number) = asked {
            person.add(number)
            numbers.insert(keys.token(of: asked))
        }
        for subject in subjects {
            person.add(try subjectName(of: subject))
            let history = try identity.history(of: subject)
            numbers.formUnion(history.numbers)
            for position in history.assertions {
                if let patient = try assertion(at: position)?.patient { person.add(patient) }
            }
        }
        return (person, numbers)
    }

    private func checkHolds(_ union: PatientUnion, _ numbers: Set<StreamToken>, _ head: LogHead) throws {
        let tokens = Set(union.subjects + union.numbers).union(numbers)
        let stored = try policyReader(at: head.position).facts(under: tokens.sorted())
        let facts = PatientFacts(
            subjects: try union.subjects.map { try subjectName(of: $0) },
            entries: stored.map {
                PatientFacts.Entry($0.fact, position: $0.position, recordedAt: $0.recordedAt)
            })
        let now = DecisionPoint(instant: try clock(), position: head.position)
        let holds = try regionState().history.state(at: now).legalHolds(facts)
        guard holds.isEmpty else {
            throw StoreError.refused(
                "a legal hold is in force (\(holds.map(\.description).joined(separator: ", "))): nothing of this patient's may be erased"
            )
        }
    }

    /// The slots that the log told of streams, up to a position.
    struct ToldSlots {
        var through: Position
        var slots: [StreamToken: Set<KeySlot>]
    }

    /// What a plan made now would look for in the log: to have most of it before others have to wait.
    func toldSlots(for request: ErasureRequest) throws(StoreError) -> ToldSlots {
        let head = try catchUp()
        return try StoreError.translating {
            let (_, chosen, _, numbers) = try whom(request, head)
            return try toldSlots(of: numbers.union(chosen), through: head.position, nil)
        }
    }

    private func toldSlots(
        of streams: Set<StreamToken>, through head: Position, _ before: ToldSlots?
    ) throws -> ToldSlots {
        var told = ToldSlots(through: .start, slots: [:])
        if let before, streams.isSubset(of: before.slots.keys) { told = before }
        let since = try log.ownSlots(of: streams, from: told.through.next, through: head)
        for stream in streams { told.slots[stream, default: []].formUnion(since[stream] ?? []) }
        told.through = head
        return told
    }

    /// Every living key of the streams: it is one, but for logs in which a stream was told two.
    private func add(
        _ streams: [StreamToken], _ kind: ErasureOrder.Target, _ slots: [StreamToken: Set<KeySlot>],
        to targets: inout [ErasurePlan.Target]
    ) throws {
        for stream in streams {
            for slot in slots[stream, default: []].sorted() where !keys.isDestroyed(slot) {
                targets.append(ErasurePlan.Target(stream: stream, slot: slot, kind: kind))
            }
        }
    }

    /// Every quarantined message, open or closed, that names the person. It is read whole to find out.
    private func quarantined(naming person: NamedPerson) throws -> [ErasurePlan.Target] {
        var out: [ErasurePlan.Target] = []
        for position in try TrailReader(trail.view).allQuarantine() {
            let record = try log.read(at: position)
            let (entry, bytes): (QuarantineEntry, [UInt8])
            do throws(ProjectionError) {
                (entry, bytes) = try opener.quarantined(of: record)
            } catch .keyDestroyed {
                continue
            }
            guard person.isNamed(in: bytes, from: entry.source) else { continue }
            out.append(
                ErasurePlan.Target(
                    stream: record.header.stream, slot: record.header.slotA, kind: .quarantined,
                    closes: position))
        }
        return out
    }
}
