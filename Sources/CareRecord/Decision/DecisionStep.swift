import Wire

/// What one rule said of an item, or of the viewer: every rule is asked, in order, whatever an earlier one said.
public struct DecisionStep: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// The rule lets it through.
        case passed
        /// The rule is not asked: own items skip it, or the consent model does not have it.
        case notAsked
        /// It would withhold, and this override passes it.
        case overridden(by: Position)
        case withheld
    }

    public var rule: Rule
    public var outcome: Outcome
    /// The events that the rule stands on: what lets it through, or what withholds.
    public var basis: [Position]

    init(_ rule: Rule, _ outcome: Outcome, _ basis: [Position] = []) {
        (self.rule, self.outcome, self.basis) = (rule, outcome, Decision.ordered(basis))
    }
}

extension ViewerContext {
    /// The item rules one by one. The first step that withholds is what `decide` reports.
    public func steps(_ item: ItemDescriptor) -> [DecisionStep] {
        let cells = cells(source: item.source, subject: item.subject)
        let isOwn = isOwn(cells)
        takeFingerprints(item.codes)
        var steps = [agreementStep(cells, item.category)]
        let inRole = resolved.role.categories.contains(item.category)
        steps.append(
            DecisionStep(
                .category, inRole ? .passed : .withheld, [resolved.profilePosition, resolved.rolePosition]))
        steps.append(
            isOwn
                ? DecisionStep(.exclusionSet, .notAsked)
                : step(.exclusionSet, exclusion(item.codes)))
        let middle = middle(isOwn, item.category, item.subject)
        for rule in [Rule.dissent, .objection, .directive, .relationship, .permission] {
            let said = middle.first { $0.rule == rule }
            let isAsked = rule == .relationship || (!isOwn && (rule != .permission || needsPermission))
            steps.append(isAsked ? step(rule, said) : DecisionStep(rule, .notAsked))
        }
        steps.append(step(.label, label(item)))
        var passed: [Position] = []
        let all = seals.of(item.category) + namedSeals(item)
        if let sealed = seal(all, &passed) {
            steps.append(step(.seal, sealed))
        } else if let passing = passed.first {
            steps.append(DecisionStep(.seal, .overridden(by: passing), all.map(\.position)))
        } else {
            steps.append(DecisionStep(.seal, .passed))
        }
        let isShielded = redactsLocation && Self.isLocation(item)
        steps.append(DecisionStep(.shield, isShielded ? .withheld : .passed, shields))
        return steps
    }

    private func agreementStep(_ cells: SourceCells, _ category: Category) -> DecisionStep {
        switch cells.controller {
        case .none(let position): return DecisionStep(.agreement, .withheld, [position])
        case .organisation where isOwn(cells): return DecisionStep(.agreement, .notAsked)
        case .organisation:
            let answer = RegionState.answer(cells.agreements, category)
            guard let permit = answer.permit else {
                return DecisionStep(.agreement, .withheld, answer.decidedBy)
            }
            return DecisionStep(.agreement, .passed, [permit.position])
        }
    }

    private func step(_ rule: Rule, _ said: Decision?) -> DecisionStep {
        guard let said else { return DecisionStep(rule, .passed) }
        if said.permit { return DecisionStep(rule, .passed, said.basis) }
        if rule != .seal, let passing = overrides.passing(rule) {
            return DecisionStep(rule, .overridden(by: passing), said.basis)
        }
        return DecisionStep(rule, .withheld, said.basis)
    }
}

extension RegionHistory {
    /// The viewer rules one by one, as far as they can be asked; empty where no role profile can be chosen.
    public func viewerSteps(_ request: AccessRequest, patient: PatientFacts) -> [DecisionStep] {
        let state = state(at: request.point)
        guard let profile = state.chosenProfile(request.viewer) else { return [] }
        func step<Terms>(_ rule: Rule, _ standing: Standing<Terms>) -> DecisionStep {
            DecisionStep(rule, standing.terms == nil ? .withheld : .passed, standing.basis)
        }
        var steps = [
            step(.organisation, state.organisation(profile.org)), step(.charter, state.charter(profile.org)),
            step(.user, state.user(profile.user)),
            step(.licence, state.licence(user: profile.user, ods: profile.org)),
        ]
        let assigned = state.profile(user: profile.user, id: profile.id)
        let baseline = state.role(profile.code)
        let inRole = assigned.terms != nil && baseline.terms != nil
        // A role that is over is decided by what ended it alone.
        let basis = assigned.terms == nil ? assigned.basis : assigned.basis + baseline.basis
        steps.append(DecisionStep(.role, inRole ? .passed : .withheld, basis))
        let may = baseline.terms?.activities.contains(request.activity) ?? false
        steps.append(
            DecisionStep(.activity, may ? .passed : .withheld, assigned.basis + baseline.basis))
        let rules = PatientRules(patient, state: state)
        let excluded = rules.inForce(.staffExcluded).filter {
            rules.entries[$0.index].fact.user == profile.user
        }
        steps.append(
            DecisionStep(
                .staffExclusion, excluded.isEmpty ? .passed : .withheld, excluded.map(\.position)))
        return steps
    }
}
