import Wire

/// One viewer, one patient, one point: decides item by item. What depends on source, category and subject alone is
/// worked out once for each.
///
/// Not for use from two threads at once.
public final class ViewerContext {
    public let viewer: ViewerIdentity
    public let request: AccessRequest
    /// Whether any relationship serves the viewer: permit with its event, or withhold with what ended those there were.
    /// Without one nothing of the patient is shown, and the view as a whole is refused.
    public let relationship: Decision
    /// The view as a whole: permit by `relationship` with the role profile and the relationship, or withhold.
    public let decision: Decision

    let state: RegionState
    let rules: PatientRules
    let resolved: RegionState.ResolvedViewer
    let subjects: [SubjectID]
    let needsPermission: Bool
    let exclusions: [(set: CodeSetVersion, position: Position)]
    /// Sensitivities whose label the role lacks.
    let lackedSensitivities: [(set: CodeSetVersion, position: Position)]
    let dissents: [Position]
    let objections: [Position]
    let shields: [Position]
    let directives: [Directive]
    let categorySeals: [(categories: CategorySet, position: Position)]
    let itemSeals: [String: [Position]]
    /// Labels that the role lacks, by item.
    let itemLabels: [String: [Position]]

    /// Few: one for each source and subject met.
    private var sources: [SourceCells] = []
    private var last = 0
    private var permissions: [Int: Decision] = [:]
    /// Reused from item to item.
    private var fingerprints: [UInt64] = []

    init(
        _ request: AccessRequest, _ resolved: RegionState.ResolvedViewer, _ state: RegionState,
        _ facts: PatientFacts,
        _ rules: PatientRules
    ) {
        (self.request, self.resolved, self.state, self.rules) = (request, resolved, state, rules)
        viewer = resolved.identity
        subjects = facts.subjects
        needsPermission = rules.settings?.consentModel != .implied
        relationship = rules.relationship(resolved.profile, purpose: request.purpose)
        decision =
            relationship.permit
            ? .permit(.relationship, [resolved.profilePosition] + relationship.basis) : relationship
        let labels = resolved.role.labels
        exclusions = state.exclusionSets
        lackedSensitivities = state.sensitivities.filter { !labels.contains($0.set.name) }
        dissents = rules.set(.dissentSet, clearedBy: .dissentWithdrawn)
        objections = rules.objections
        shields = rules.set(.shieldSet, clearedBy: .shieldCleared)
        directives = rules.directives(resolved.profile)
        (categorySeals, itemSeals) = rules.seals
        itemLabels = rules.itemLabels(lackedBy: labels)
    }

    /// Whether deciding an item looks at its codes, or at its name and labels too.
    public var looksAtCodes: Bool { !exclusions.isEmpty || !lackedSensitivities.isEmpty }
    public var looksAtNames: Bool { !itemLabels.isEmpty || !itemSeals.isEmpty }

    /// Decides one item. The first rule that withholds is the one reported, in the order of `Rule`.
    public func decide(_ item: ItemDescriptor) -> Decision {
        let cell = cell(source: item.source, category: item.category, subject: item.subject)
        if let early = cell.early { return early }
        if !item.codes.isEmpty { takeFingerprints(item.codes) }
        if !cell.isOwn, let excluded = exclusion(item.codes) { return excluded }
        if let middle = cell.middle { return middle }
        if let label = label(item) { return label }
        if !itemSeals.isEmpty, let sealed = seal(item, cell) { return sealed }
        return cell.late
    }

    private func cell(source: String, category: Category, subject: Int) -> ItemCell {
        let cells = cells(source: source, subject: subject)
        if let cell = cells.cells[Int(category.rawValue)] { return cell }
        let cell = makeCell(cells, category)
        cells.cells[Int(category.rawValue)] = cell
        return cell
    }

    private func cells(source: String, subject: Int) -> SourceCells {
        if last < sources.count, sources[last].subject == subject, sources[last].source == source {
            return sources[last]
        }
        if let index = sources.firstIndex(where: { $0.subject == subject && $0.source == source }) {
            last = index
            return sources[index]
        }
        let localID = subjects.indices.contains(subject) ? subjects[subject].localID : ""
        let controller = state.controller(source: source, localID: localID)
        var agreements: [RegionState.AgreementFound] = []
        if case .organisation(let ods) = controller, ods != resolved.profile.org {
            agreements = state.agreements(
                controller: ods, recipient: resolved.profile.org, purpose: request.purpose)
        }
        last = sources.count
        sources.append(
            SourceCells(source: source, subject: subject, controller: controller, agreements: agreements))
        return sources[last]
    }

    private func makeCell(_ cells: SourceCells, _ category: Category) -> ItemCell {
        var basis = [resolved.profilePosition]
        var isOwn = false
        switch cells.controller {
        case .none(let position): return ItemCell(early: .withhold(.agreement, [position]))
        case .organisation(let controller) where controller == resolved.profile.org: isOwn = true
        case .organisation:
            let answer = RegionState.answer(cells.agreements, category)
            guard let permit = answer.permit else {
                return ItemCell(early: .withhold(.agreement, answer.decidedBy))
            }
            basis.append(permit.position)
        }
        guard resolved.role.categories.contains(category) else {
            return ItemCell(early: .withhold(.category, [resolved.profilePosition, resolved.rolePosition]))
        }
        let permission = isOwn || !needsPermission ? nil : permission(cells.subject)
        let middle = middle(isOwn, permission, category, cells.subject)
        basis += relationship.basis
        if let permission { basis += permission.basis }
        let sealedBy = categorySeals.filter { $0.categories.isEmpty || $0.categories.contains(category) }.map(
            \.position)
        let late: Decision =
            if !sealedBy.isEmpty {
                .withhold(.seal, sealedBy)
            } else if !shields.isEmpty {
                .withhold(.shield, shields)
            } else {
                .permit(isOwn ? .ownOrganisation : .agreement, basis)
            }
        return ItemCell(isOwn: isOwn, middle: middle, sealedBy: sealedBy, late: late)
    }

    /// Dissent, objection, directive, relationship and permission, in that order.
    private func middle(_ isOwn: Bool, _ permission: Decision?, _ category: Category, _ subject: Int)
        -> Decision?
    {
        if !isOwn {
            if !dissents.isEmpty { return .withhold(.dissent, dissents) }
            if !objections.isEmpty { return .withhold(.objection, objections) }
            if let directive = directives.first(where: { $0.applies(category, subject: subject) }),
                directive.denies
            {
                return .withhold(.directive, [directive.position])
            }
        }
        if !relationship.permit { return relationship }
        if let permission, !permission.permit { return permission }
        return nil
    }

    private func permission(_ subject: Int) -> Decision {
        if let known = permissions[subject] { return known }
        let decided = rules.permission(resolved.profile, subject: subject)
        permissions[subject] = decided
        return decided
    }

    private func takeFingerprints(_ codes: [Coding]) {
        fingerprints.removeAll(keepingCapacity: true)
        for coding in codes { fingerprints.append(CodeSetVersion.fingerprint(coding.code)) }
    }

    private func exclusion(_ codes: [Coding]) -> Decision? {
        guard !codes.isEmpty else { return nil }
        var basis: [Position] = []
        for (set, position) in exclusions where set.contains(anyOf: codes, fingerprints) {
            basis.append(position)
        }
        return basis.isEmpty ? nil : .withhold(.exclusionSet, basis)
    }

    private func label(_ item: ItemDescriptor) -> Decision? {
        var basis: [Position] = []
        let labels = resolved.role.labels
        let ownLacking = !item.labels.isEmpty && item.labels.contains { !labels.contains($0) }
        if !item.codes.isEmpty {
            for (set, position) in lackedSensitivities where set.contains(anyOf: item.codes, fingerprints) {
                basis.append(position)
            }
        }
        if !itemLabels.isEmpty { for name in Self.names(item) { basis += itemLabels[name] ?? [] } }
        return ownLacking || !basis.isEmpty ? .withhold(.label, basis) : nil
    }

    private func seal(_ item: ItemDescriptor, _ cell: ItemCell) -> Decision? {
        let named = Self.names(item).flatMap { itemSeals[$0] ?? [] }
        return named.isEmpty ? nil : .withhold(.seal, named + cell.sealedBy)
    }

    /// The two names that a fact may use for an item: with the source's id, or with Daybook's.
    private static func names(_ item: ItemDescriptor) -> [String] {
        let source = PatientRules.name(item.source, "\(item.type)/\(item.sourceID)")
        let daybook = PatientRules.name(item.source, "\(item.type)/\(item.daybookID)")
        return source == daybook ? [source] : [source, daybook]
    }
}
