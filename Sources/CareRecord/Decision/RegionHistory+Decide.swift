extension RegionHistory {
    /// Decides what a viewer may see of a patient: the per-viewer rules now, items through the context returned.
    ///
    /// Pure: the same history, facts and request always give the same decision, rules and basis.
    public func decide(_ request: AccessRequest, patient: PatientFacts) -> ViewerDecision {
        let state = state(at: request.point)
        switch state.resolve(request.viewer, activity: request.activity) {
        case .usage(let message): return .usage(message)
        case .withhold(let decision, let identity): return .withhold(decision, identity)
        case .viewer(let resolved):
            let rules = PatientRules(patient, state: state)
            let context = ViewerContext(request, resolved, state, patient, rules)
            let excluded = rules.inForce(.staffExcluded).filter {
                rules.entries[$0.index].fact.user == resolved.profile.user
            }
            if !excluded.isEmpty {
                return .concealed(
                    .withhold(.staffExclusion, excluded.map(\.position)).disclosing(.nothing),
                    told: context.ofNobody, resolved.identity)
            }
            let isHidden =
                request.isFinding ? !context.shields.isEmpty : context.redactsLocation && !request.byNumber
            if isHidden, context.decision.permit {
                return .concealed(
                    .withhold(.shield, context.shields).disclosing(.nothing), told: context.ofNobody,
                    resolved.identity)
            }
            return .permit(context)
        }
    }
}
