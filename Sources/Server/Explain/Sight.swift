import CareRecord
import EventLog
import Projections
import Wire

/// What one user sees of one patient at one point, item by item and before anything is told of it: what `explain` and `diff`
/// work on.
struct Sight {
    var point: AskedPoint
    var request: AccessRequest
    var patient: PatientAtPoint
    var viewer: ViewerIdentity?
    /// Of the view as a whole.
    var decision: Decision
    /// The same, as it may be told outside a case.
    var told: Decision
    /// Empty where the view is refused.
    var outcomes: [ItemOutcome] = []
    var redactsLocation = false
    var apart = 0
}

extension Store {
    /// - Parameter known: where `--known-at` asks, until where policy and identity are known.
    func sight(
        _ view: ViewRequest, at point: AskedPoint, known: Position?, _ history: RegionHistory
    ) throws(StoreError) -> Sight {
        let decided = DecisionPoint(instant: point.instant, position: known ?? point.position)
        let patient = try patient(view.patient, at: decided.position)
        let request = AccessRequest(
            viewer: Viewer(user: view.user, profile: view.profile), purpose: view.purpose, point: decided,
            byNumber: view.patient.isNumber)
        func refused(_ decision: Decision, _ told: Decision, _ viewer: ViewerIdentity) -> Sight {
            Sight(
                point: point, request: request, patient: patient, viewer: viewer, decision: decision,
                told: told)
        }
        switch history.decide(request, patient: patient.facts) {
        case .usage(let text): throw .usage(text + ": --role PROFILE")
        case .withhold(let decision, let viewer): return refused(decision, decision, viewer)
        case .concealed(let decision, let told, let viewer): return refused(decision, told, viewer)
        case .permit(let context):
            guard context.decision.permit else {
                return refused(context.decision, context.decision, context.viewer)
            }
            guard let union = patient.union else {
                let nobody = Decision(permit: false, rule: .unknownPatient, basis: [])
                return refused(nobody, nobody, context.viewer)
            }
            var sight = refused(context.decision, context.decision, context.viewer)
            (sight.redactsLocation, sight.apart) = (context.redactsLocation, union.apart)
            do throws(ProjectionError) {
                sight.outcomes = try ViewAssembly(
                    records: try record.records(of: union.subjects, at: point.position), needs: .everything,
                    decide: { context.decide($0) },
                    lastCodes: { (_, _, _) throws(ProjectionError) in [] }
                ).outcomes()
            } catch { throw .projection(error) }
            return sight
        }
    }

    /// Who may have it explained: the user themself, a store's owner, and operators with the activity `explain`.
    func explainingSight(_ request: ViewRequest, head: LogHead) throws(StoreError) -> OperatorSight {
        if let identity = try operatorIdentity(request.asker, head: head), identity.user != request.user,
            !identity.activities.contains(Activity.explain)
        {
            throw .refused("\(identity.user) has no role in force with the activity explain")
        }
        var sight = try operatorSight(
            request.asker, of: request.user, patient: request.patient, caseReference: request.caseReference,
            isActual: false, head: head)
        // What they saw once may be restricted by now: they are told of it as others are.
        if request.isInOwnRight { sight.seesContent = false }
        return sight
    }

    /// The region's facts up to a position and none after it, so that another can be put after them.
    func history(
        through position: Position, of state: RegionPolicy.State
    ) throws(StoreError) -> RegionHistory {
        if state.history.head <= position { return state.history }
        var history = RegionHistory()
        for at in state.positions where at <= position {
            try StoreError.translating {
                let record = try log.read(at: at)
                history.append(
                    try opener.regionFact(of: record), position: at, recordedAt: record.header.recordedAt)
            }
        }
        return history
    }
}

/// What of a sight may be told to whoever asks.
struct Telling {
    var operatorSight: OperatorSight
    var mayKnowWithheld: Bool

    init(_ operatorSight: OperatorSight, _ viewer: ViewerIdentity?) {
        self.operatorSight = operatorSight
        mayKnowWithheld =
            operatorSight.mayKnowWithheld ?? viewer?.activities.contains(Activity.viewWithheld) ?? false
    }

    var seesContent: Bool { operatorSight.seesContent }

    func tells(_ outcome: ItemOutcome) -> Bool {
        if let organisation = operatorSight.onlyItemsOf {
            return outcome.decision.permit && outcome.item.source == organisation
        }
        return outcome.decision.permit || tellsWhy(outcome.decision)
    }

    /// Whether the reason of a withholding may be told.
    func tellsWhy(_ decision: Decision) -> Bool {
        if operatorSight.seesConcealed { return true }
        return mayKnowWithheld && operatorSight.onlyItemsOf == nil && decision.disclosure != .nothing
    }

    func whole(_ sight: Sight) -> Decision { operatorSight.seesConcealed ? sight.decision : sight.told }
}
