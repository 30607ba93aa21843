import CareRecord
import EventLog
import Intake
import Projections
import Wire

extension Store {
    /// Points evaluated for one difference, at most.
    static let maximumDifferencePoints = 20_000

    /// What became visible to a user, or ceased to be, between two instants, and what did it: an event, or the passing of a
    /// time that an event had set. Receipted, as simulated.
    ///
    /// - Throws: `usage`; `refused` where the operator may not ask; `busy`.
    public func diff(_ request: ViewRequest, from: When, to: When) throws(StoreError) -> ReceiptedAnswer {
        for _ in 0..<Self.maximumDecisions {
            if let answer = try diffOnce(request, from, to) { return answer }
        }
        throw .busy("the patient's record and policy kept moving; ask again")
    }

    private func diffOnce(_ request: ViewRequest, _ from: When, _ to: When) throws(StoreError)
        -> ReceiptedAnswer?
    {
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
        var difference = Difference(
            request, start, end, isSimulated: isSimulated, seesContent: telling.seesContent)
        for step in try steps(from: before, to: last, region) {
            let after = try sight(request, at: step.point, known: nil, region.history)
            try insistOnCase(after, operatorSight)
            difference.add(from: before, to: after, step, telling)
            before = after
        }
        difference.events = try told(difference.positions)
        let draft = ReceiptDraft(
            kind: .simulated, question: .diff, point: end, patient: last.patient,
            asked: request.patient.description,
            asker: request.asker, purpose: request.purpose, caseID: request.caseReference,
            query:
                "diff as=\(request.user) patient=\(request.patient) from=\(from) to=\(to) purpose=\(request.purpose)"
        )
        return try receipt(
            answer(last, telling), body: difference.json, draft, policy: region.version(at: end.position),
            head: head)
    }

    /// The points that matter between two: after every batch about the region, the patient or their items, and wherever a
    /// period begins or ends.
    private func steps(
        from: Sight, to: Sight, _ region: RegionPolicy.State
    ) throws(StoreError) -> [DifferenceStep] {
        let subjects = Array(Set((from.patient.union?.subjects ?? []) + (to.patient.union?.subjects ?? [])))
        let (start, end) = (from.point, to.point)
        return try StoreError.translating {
            var positions = Set(region.positions + (from.patient.stored + to.patient.stored).map(\.position))
            positions.formUnion(
                try record.changes(of: subjects, after: start.position, through: end.position))
            let identity = identityReader(at: end.position)
            for subject in subjects { positions.formUnion(try identity.edges(of: subject).map(\.position)) }
            var at: [Instant: DifferenceStep] = [:]
            for position in positions where position > start.position && position <= end.position {
                let last = try log.batchEnd(of: position)
                let instant = try log.time(of: last)
                at[instant, default: DifferenceStep(point: between(last, instant))].events.append(position)
            }
            var boundaries = region.history.boundaries(of: to.request.viewer.user)
            for sight in [from, to] {
                boundaries += region.history.boundaries(of: sight.patient.facts, at: sight.request.point)
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
            guard at.count <= Self.maximumDifferencePoints else {
                throw StoreError.usage("\(at.count) points lie between: ask for a shorter time")
            }
            return at.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private func between(_ position: Position, _ instant: Instant) -> AskedPoint {
        AskedPoint(position: position, instant: instant, shown: instant, isFinal: true)
    }
}
