import CareRecord
import EventLog
import Intake
import Projections
import Wire

extension Store {
    /// How much work one difference may be.
    struct DifferenceBounds {
        /// Points that are evaluated.
        var points: Int
        var time: Duration?

        /// For whoever has the machine to themself.
        static let usual = DifferenceBounds(points: 20_000, time: nil)
        /// Beside others' reads.
        static let served = DifferenceBounds(points: 2_000, time: .seconds(5))
    }

    /// What became visible to a user, or ceased to be, between two instants, and what did it: an event, or the passing of a
    /// time that an event had set. Receipted, as simulated.
    ///
    /// - Throws: `usage`; `refused` where the operator may not ask; `busy`.
    public func diff(_ request: ViewRequest, from: When, to: When) throws(StoreError) -> ReceiptedAnswer {
        try diff(request, from: from, to: to, within: .usual)
    }

    func diff(
        _ request: ViewRequest, from: When, to: When, within bounds: DifferenceBounds
    ) throws(StoreError) -> ReceiptedAnswer {
        try request.insistOnIDs()
        let over = bounds.time.map { ContinuousClock.now + $0 }
        for _ in 0..<Self.maximumDecisions {
            if let answer = try diffOnce(request, from, to, points: bounds.points, over) { return answer }
        }
        throw .busy("the patient's record and policy kept moving; ask again")
    }

    private static func insist(_ over: ContinuousClock.Instant?) throws(StoreError) {
        if let over, .now >= over {
            throw .usage(
                "too much happened in between to be worked out beside others' reads: ask for a shorter time")
        }
    }

    private func diffOnce(
        _ request: ViewRequest, _ from: When, _ to: When, points: Int, _ over: ContinuousClock.Instant?
    ) throws(StoreError) -> ReceiptedAnswer? {
        let head = try catchUp()
        let region = try regionState()
        let calendar = region.history.state(
            at: DecisionPoint(instant: head.recordedAt, position: head.position)
        ).calendar
        let beginning = from.beginning(in: calendar).map { When.instant($0) } ?? from
        let start = try point(beginning, head: head, calendar: calendar)
        let end = try point(to, head: head, calendar: calendar)
        guard start.instant <= end.instant, start.position <= end.position else {
            throw .usage("--from \(from) is after --to \(to)")
        }
        let operatorSight = try explainingSight(request, head: head)
        var before = try sight(request, at: start, known: nil, region.history)
        let last = try sight(request, at: end, known: nil, region.history)
        let telling = Telling(operatorSight, last.viewer)
        try insistOnCase(before, operatorSight)
        try insistOnCase(last, operatorSight)
        let first = before
        var difference = Difference(
            request, start, end, isSimulated: isSimulated, seesContent: telling.seesContent)
        for step in try steps(of: request, from: before, to: last, region, points, over) {
            try Self.insist(over)
            let after = try sight(request, at: step.point, known: nil, region.history)
            try insistOnCase(after, operatorSight)
            difference.add(from: before, to: after, step, telling)
            before = after
        }
        difference.events = try told(difference.positions)
        var draft = ReceiptDraft(
            kind: .simulated, question: .diff, point: end, patient: last.patient,
            asked: request.patient.description,
            asker: request.asker, purpose: request.purpose, caseID: request.caseReference,
            query: .text(
                "diff as=\(request.user) patient=\(request.patient) from=\(from) to=\(to) purpose=\(request.purpose)"
            ))
        let earlier = telling.whole(first)
        draft.earlier = (
            first.patient,
            Receipt.Earlier(
                position: start.position, instant: start.instant, permitted: earlier.permit,
                rule: earlier.rule.rawValue, basis: earlier.basis)
        )
        draft.named = difference.named
        return try receipt(
            answer(last, telling), body: difference.json, draft, policy: region.version(at: end.position),
            head: head)
    }

    /// The points that matter between two: after every batch about the region, the patient or their items, and wherever a
    /// period begins or ends.
    private func steps(
        of request: ViewRequest, from: Sight, to: Sight, _ region: RegionPolicy.State, _ most: Int,
        _ over: ContinuousClock.Instant?
    ) throws(StoreError) -> [DifferenceStep] {
        let (start, end) = (from.point, to.point)
        return try StoreError.translating {
            let identity = identityReader(at: end.position)
            let subjects = try met(request.patient, from.patient, to.patient, identity)
            var positions = Set(region.positions)
            positions.formUnion(
                try record.changes(of: subjects, after: start.position, through: end.position))
            for subject in subjects {
                positions.formUnion(try identity.edges(of: subject).map(\.position))
                // Whom a number means moves with an assertion, and with a number that was replaced.
                positions.formUnion(try identity.changes(of: subject))
            }
            var at: [Instant: DifferenceStep] = [:]
            func add(_ positions: some Sequence<Position>) throws {
                for position in positions where position > start.position && position <= end.position {
                    let last = try log.batchEnd(of: position)
                    let instant = try log.time(of: last)
                    var step = at[instant] ?? DifferenceStep(point: between(last, instant))
                    // Batches of one commit have one instant: what stands after the last of them counts.
                    step.point.position = max(step.point.position, last)
                    step.events.append(position)
                    at[instant] = step
                }
            }
            try add(positions)
            // Whoever the patient was in between had facts of their own.
            var patients = [from.patient, to.patient]
            for step in at.values where at.count <= most {
                try Self.insist(over)
                patients.append(try patient(request.patient, at: step.point.position))
            }
            try add(Set(patients.flatMap { $0.facts.entries.map(\.position) }).subtracting(positions))
            var boundaries = Set(region.history.boundaries(of: to.request.viewer.user))
            for patient in patients {
                for point in [from.request.point, to.request.point] {
                    boundaries.formUnion(region.history.boundaries(of: patient.facts, at: point))
                }
            }
            for boundary in boundaries
            where boundary.instant > start.instant && boundary.instant <= end.instant
                && boundary.position <= end.position
            {
                let position =
                    boundary.instant >= end.instant ? end.position : try log.resolve(boundary.instant)
                at[boundary.instant, default: DifferenceStep(point: between(position, boundary.instant))]
                    .lapses
                    .append(boundary.position)
            }
            // What is left, if anything, shows at the end itself.
            at[end.instant, default: DifferenceStep(point: end)].point = end
            guard at.count <= most else {
                throw StoreError.usage("\(at.count) points lie between: ask for a shorter time")
            }
            return at.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// Everybody whom the number or name may have meant up to the end: who ever bore it, and whoever was ever joined to one of them.
    private func met(
        _ reference: PatientReference, _ from: PatientAtPoint, _ to: PatientAtPoint,
        _ identity: IdentityReader
    ) throws(ProjectionError) -> [StreamToken] {
        var met = Set((from.union?.subjects ?? []) + (to.union?.subjects ?? []))
        if reference.isNumber { met.formUnion(try identity.everBore(to.asked)) } else { met.insert(to.asked) }
        var open = Array(met)
        while let next = open.popLast() {
            for edge in try identity.edges(of: next) where met.insert(edge.other).inserted {
                open.append(edge.other)
            }
        }
        return Array(met)
    }

    private func between(_ position: Position, _ instant: Instant) -> AskedPoint {
        AskedPoint(position: position, instant: instant, shown: instant, isFinal: true)
    }
}
