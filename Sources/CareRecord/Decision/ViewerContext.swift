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
    let exclusions: [(set: CodeSetVersion, position: Position)]
    let sensitivities: [(set: CodeSetVersion, position: Position)]
    let dissents: [Position]
    let objections: [Position]
    let shields: [Position]
    let seals: [PatientFacts.Entry]
    let itemSeals: [String: [Position]]
    let itemLabels: [String: [(label: String, position: Position)]]
    let roleLabels: Set<String>

    private var sources: [String: Int] = [:]
    private var lastSource: (name: String, index: Int)?
    /// By source, then subject × category.
    private var cells: [[ItemCell?]] = []
    private var permissions: [Int: Decision] = [:]

    init(
        _ request: AccessRequest, _ resolved: RegionState.ResolvedViewer, _ state: RegionState,
        _ facts: PatientFacts,
        _ rules: PatientRules
    ) {
        (self.request, self.resolved, self.state, self.rules) = (request, resolved, state, rules)
        viewer = resolved.identity
        subjects = facts.subjects
        relationship = rules.relationship(resolved.profile, purpose: request.purpose)
        decision =
            relationship.permit
            ? .permit(.relationship, [resolved.profilePosition] + relationship.basis) : relationship
        exclusions = state.exclusionSets
        sensitivities = state.sensitivities
        dissents = rules.set(.dissentSet, clearedBy: .dissentWithdrawn)
        objections = rules.objections
        shields = rules.set(.shieldSet, clearedBy: .shieldCleared)
        seals = rules.inForce(.sealApplied)
        roleLabels = Set(resolved.role.labels)
        var sealed: [String: [Position]] = [:]
        for entry in seals {
            if let item = entry.fact.item {
                sealed[Self.key(entry.fact.org, item), default: []].append(entry.position)
            }
        }
        itemSeals = sealed
        var labelled: [String: [(label: String, position: Position)]] = [:]
        for entry in rules.inForce(.itemLabelled) {
            guard let item = entry.fact.item, let label = entry.fact.label else { continue }
            labelled[Self.key(entry.fact.org, item), default: []].append((label, entry.position))
        }
        itemLabels = labelled
    }

    /// Whether deciding an item looks at its codes, or at its name and labels too.
    public var looksAtCodes: Bool { !exclusions.isEmpty || !sensitivities.isEmpty }
    public var looksAtNames: Bool { !itemLabels.isEmpty || !itemSeals.isEmpty }

    /// Decides one item. The first rule that withholds is the one reported, in the order of `Rule`.
    public func decide(_ item: ItemDescriptor) -> Decision {
        let cell = cell(source: item.source, category: item.category, subject: item.subject)
        if let early = cell.early { return early }
        if !cell.isOwn, !item.codes.isEmpty, let excluded = exclusion(item) { return excluded }
        if let middle = cell.middle { return middle }
        if let label = label(item) { return label }
        if !itemSeals.isEmpty, let sealed = seal(item, cell) { return sealed }
        return cell.late
    }

    private func cell(source: String, category: Category, subject: Int) -> ItemCell {
        let index: Int
        if let last = lastSource, last.name == source {
            index = last.index
        } else {
            index = sources[source] ?? cells.count
            if index == cells.count {
                sources[source] = index
                cells.append([])
            }
            lastSource = (source, index)
        }
        let slot = subject * Self.categories + Int(category.rawValue)
        if slot < cells[index].count, let cell = cells[index][slot] { return cell }
        let cell = makeCell(source: source, category: category, subject: subject)
        while cells[index].count <= slot { cells[index].append(nil) }
        cells[index][slot] = cell
        return cell
    }

    private static let categories = Int(Category.allCases.map(\.rawValue).max() ?? 0) + 1

    private func makeCell(source: String, category: Category, subject: Int) -> ItemCell {
        let localID = subjects.indices.contains(subject) ? subjects[subject].localID : ""
        var cell = ItemCell(late: .permit(.agreement, []))
        var basis = [resolved.profilePosition]
        switch state.controller(source: source, localID: localID) {
        case .none(let position): cell.early = .withhold(.agreement, [position])
        case .organisation(let controller) where controller == resolved.profile.org: cell.isOwn = true
        case .organisation(let controller):
            let answer = state.agreement(
                controller: controller, recipient: resolved.profile.org, category: category,
                purpose: request.purpose)
            if let permit = answer.permit {
                basis.append(permit.position)
            } else {
                cell.early = .withhold(.agreement, answer.decidedBy)
            }
        }
        if cell.early == nil, !resolved.role.categories.contains(category) {
            cell.early = .withhold(
                .category, [resolved.profilePosition] + state.role(resolved.profile.code).basis)
        }
        if cell.early != nil { return cell }
        let permission = cell.isOwn || rules.settings?.consentModel == .implied ? nil : permission(subject)
        cell.middle = middle(cell.isOwn, permission, category, subject)
        basis += relationship.basis + (permission?.basis ?? [])
        cell.late = .permit(cell.isOwn ? .ownOrganisation : .agreement, basis)
        if !shields.isEmpty { cell.late = .withhold(.shield, shields) }
        cell.sealedBy = seals.filter { $0.fact.item == nil && Self.covers($0.fact, category) }.map(\.position)
        if !cell.sealedBy.isEmpty { cell.late = .withhold(.seal, cell.sealedBy) }
        return cell
    }

    /// Dissent, objection, directive, relationship and permission, in that order.
    private func middle(_ isOwn: Bool, _ permission: Decision?, _ category: Category, _ subject: Int)
        -> Decision?
    {
        if !isOwn {
            if !dissents.isEmpty { return .withhold(.dissent, dissents) }
            if !objections.isEmpty { return .withhold(.objection, objections) }
            if let denial = rules.denial(resolved.profile, category: category, subject: subject) {
                return .withhold(.directive, [denial])
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

    private static func covers(_ seal: PatientFact, _ category: Category) -> Bool {
        seal.categories.isEmpty || seal.categories.contains(category)
    }

    private static func key(_ organisation: String?, _ item: String) -> String {
        "\(organisation ?? "") \(item)"
    }

    /// The two names that a fact may use for an item: with the source's id, or with Daybook's.
    private static func keys(_ item: ItemDescriptor) -> [String] {
        let source = key(item.source, "\(item.type)/\(item.sourceID)")
        let daybook = key(item.source, "\(item.type)/\(item.daybookID)")
        return source == daybook ? [source] : [source, daybook]
    }

    private func exclusion(_ item: ItemDescriptor) -> Decision? {
        var basis: [Position] = []
        for (set, position) in exclusions where item.codes.contains(where: { set.codings.contains($0) }) {
            basis.append(position)
        }
        return basis.isEmpty ? nil : .withhold(.exclusionSet, basis)
    }

    private func label(_ item: ItemDescriptor) -> Decision? {
        var basis: [Position] = []
        var lacking = item.labels.contains { !roleLabels.contains($0) }
        for (set, position) in sensitivities
        where !roleLabels.contains(set.name) && item.codes.contains(where: { set.codings.contains($0) }) {
            basis.append(position)
            lacking = true
        }
        if !itemLabels.isEmpty {
            for key in Self.keys(item) {
                for (label, position) in itemLabels[key] ?? [] where !roleLabels.contains(label) {
                    basis.append(position)
                    lacking = true
                }
            }
        }
        return lacking ? .withhold(.label, basis) : nil
    }

    private func seal(_ item: ItemDescriptor, _ cell: ItemCell) -> Decision? {
        let named = Self.keys(item).flatMap { itemSeals[$0] ?? [] }
        return named.isEmpty ? nil : .withhold(.seal, named + cell.sealedBy)
    }
}
