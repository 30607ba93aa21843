import Wire

/// One viewer, one patient, one point: decides item by item. What depends on source, category and subject alone is
/// worked out once for each.
///
/// Not for use from two threads at once.
public final class ViewerContext {
    public let viewer: ViewerIdentity
    public let request: AccessRequest
    /// Whether any relationship serves the viewer: permit with its event, or withhold with what ended those there were.
    public let relationship: Decision
    /// The view as a whole: permit by `relationship`, or by `override` where one passes the want of it, with the role
    /// profile and the event; else withhold. Without it nothing of the patient is shown, and the view is refused.
    public let decision: Decision
    /// Overrides in force of this viewer's own, by position.
    public let overrides: [Override]
    /// The facts that shield the patient; empty where nothing does.
    public let shields: [Position]
    /// The patient is shielded, and the viewer's role may not see where they are.
    public let redactsLocation: Bool

    let state: RegionState
    let rules: PatientRules
    let resolved: RegionState.ResolvedViewer
    let subjects: [SubjectID]
    let needsPermission: Bool
    let exclusions: [(set: CodeSetVersion, position: Position)]
    /// An exclusion set in force asks for narrative to be withheld.
    let withholdsNarrative: Bool
    /// Sensitivities whose label the role lacks.
    let lackedSensitivities: [(set: CodeSetVersion, position: Position)]
    let dissents: [Position]
    let objections: [Position]
    let directives: [Directive]
    let seals: Seals
    let hasLockedSeals: Bool
    /// Labels that the role lacks, by item.
    let itemLabels: [String: [Position]]

    /// Few: one for each source and subject met.
    var sources: [SourceCells] = []
    var last = 0
    var permissions: [Int: Decision] = [:]
    /// Reused from item to item.
    private var fingerprints: [UInt64] = []

    init(
        _ request: AccessRequest, _ resolved: RegionState.ResolvedViewer, _ state: RegionState,
        _ facts: PatientFacts, _ rules: PatientRules
    ) {
        (self.request, self.resolved, self.state, self.rules) = (request, resolved, state, rules)
        viewer = resolved.identity
        subjects = facts.subjects
        // Finding comes before relationship and permission, and nothing is overridden for it.
        let isFinding = request.isFinding
        needsPermission = !isFinding && rules.settings?.consentModel != .implied
        overrides = isFinding ? [] : rules.overrides(resolved.profile, resolved.role)
        relationship =
            isFinding
            ? .permit(.relationship, [])
            : rules.relationship(resolved.profile, resolved.role, purpose: request.purpose)
        if relationship.permit {
            decision = .permit(.relationship, [resolved.profilePosition] + relationship.basis)
        } else if let passing = overrides.passing(.relationship) {
            decision = .permit(.override, [resolved.profilePosition, passing])
        } else {
            decision = relationship
        }
        let labels = resolved.role.labels
        exclusions = state.exclusionSets
        withholdsNarrative = exclusions.contains { $0.set.withholdsNarrative }
        lackedSensitivities = state.sensitivities.filter { !labels.contains($0.set.name) }
        dissents = rules.set(.dissentSet, clearedBy: .dissentWithdrawn)
        objections = rules.objections
        shields = Decision.ordered(rules.set(.shieldSet, clearedBy: .shieldCleared))
        redactsLocation = !shields.isEmpty && !resolved.role.activities.contains(Activity.viewShielded)
        directives = rules.directives(resolved.profile)
        seals = rules.seals(resolved.profile)
        hasLockedSeals =
            seals.categories.contains { $0.seal.isLocked }
            || seals.items.values.contains { $0.contains { $0.isLocked } }
        itemLabels = rules.itemLabels(lackedBy: labels)
    }

    /// The patient is shielded, and the viewer's role sees where they are all the same: that raises an alert.
    public var seesShielded: Bool { !shields.isEmpty && !redactsLocation }

    /// Relationships in force that the viewer claimed themself.
    public var selfClaims: [Position] {
        guard relationship.permit else { return [] }
        return rules.known.filter {
            relationship.basis.contains($0.position)
                && rules.entries[$0.index].fact.relationship == .selfClaimed
        }.map(\.position)
    }

    /// What the viewer is told of a patient whom nobody has heard of, with the same facts.
    public var ofNobody: Decision { decision.permit ? .withhold(.unknownPatient, []) : decision }

    /// Whether deciding an item looks at its codes, or at its type, name and labels too.
    public var looksAtCodes: Bool { !exclusions.isEmpty || !lackedSensitivities.isEmpty }
    public var looksAtNames: Bool { !itemLabels.isEmpty || !seals.items.isEmpty || redactsLocation }

    /// Decides one item. The first rule that withholds is the one reported, in the order of `Rule`.
    public func decide(_ item: ItemDescriptor) -> Decision {
        let cell = cell(source: item.source, category: item.category, subject: item.subject)
        if let early = cell.early { return told(early, item, cell) }
        if !item.codes.isEmpty { takeFingerprints(item.codes) }
        if !cell.isOwn, let excluded = exclusion(item.codes) { return excluded }
        if let middle = cell.middle { return told(middle, item, cell) }
        var passed: [Position] = []
        if let label = label(item) {
            guard let passing = overrides.passing(.label) else { return told(label, item, cell) }
            passed.append(passing)
        }
        if !seals.items.isEmpty || !cell.seals.isEmpty {
            if let sealed = seal(cell.seals + namedSeals(item), &passed) { return sealed }
        }
        if redactsLocation, Self.isLocation(item) { return .withhold(.shield, shields) }
        if passed.isEmpty { return cell.late }
        var decision = cell.overridden
        decision.basis = Decision.ordered(decision.basis + passed)
        return decision
    }

    /// A withholding by another rule tells nothing either where a locked seal or an exclusion set hides the item.
    private func told(_ decision: Decision, _ item: ItemDescriptor, _ cell: ItemCell) -> Decision {
        guard hasLockedSeals || !exclusions.isEmpty else { return decision }
        return isHidden(item, cell) ? decision.disclosing(.nothing) : decision
    }

    private func isHidden(_ item: ItemDescriptor, _ cell: ItemCell) -> Bool {
        if hasLockedSeals, (cell.seals + namedSeals(item)).contains(where: \.isLocked) { return true }
        guard !cell.isOwn, !exclusions.isEmpty, !item.codes.isEmpty else { return false }
        takeFingerprints(item.codes)
        return exclusion(item.codes) != nil
    }

    func takeFingerprints(_ codes: [Coding]) {
        fingerprints.removeAll(keepingCapacity: true)
        for coding in codes { fingerprints.append(CodeSetVersion.fingerprint(coding.code)) }
    }

    /// - Precondition: the item's fingerprints were taken.
    func exclusion(_ codes: [Coding]) -> Decision? {
        guard !codes.isEmpty else { return nil }
        var basis: [Position] = []
        for (set, position) in exclusions where set.contains(anyOf: codes, fingerprints) {
            basis.append(position)
        }
        return basis.isEmpty ? nil : .withhold(.exclusionSet, basis).disclosing(.nothing)
    }

    /// - Precondition: the item's fingerprints were taken.
    func label(_ item: ItemDescriptor) -> Decision? {
        var basis: [Position] = []
        if !item.codes.isEmpty {
            for (set, position) in lackedSensitivities where set.contains(anyOf: item.codes, fingerprints) {
                basis.append(position)
            }
        }
        if !itemLabels.isEmpty { for name in Self.names(item) { basis += itemLabels[name] ?? [] } }
        return basis.isEmpty ? nil : .withhold(.label, basis)
    }

    func namedSeals(_ item: ItemDescriptor) -> [Seal] {
        if seals.items.isEmpty { return [] }
        return Self.names(item).flatMap { seals.items[$0] ?? [] }
    }

    /// What seals withhold after overrides: an open one is passed, and named in `passed`; a locked one never is.
    func seal(_ all: [Seal], _ passed: inout [Position]) -> Decision? {
        if all.isEmpty { return nil }
        let locked = all.filter(\.isLocked)
        guard let passing = overrides.passing(.seal) else {
            return .withhold(.seal, all.map(\.position)).disclosing(
                locked.isEmpty ? .sealedItem : .nothing)
        }
        if !locked.isEmpty { return .withhold(.seal, locked.map(\.position)).disclosing(.nothing) }
        passed.append(passing)
        return nil
    }

    /// The two names that a fact may use for an item: with the source's id, or with Daybook's.
    private static func names(_ item: ItemDescriptor) -> [String] {
        let source = PatientRules.name(item.source, "\(item.type)/\(item.sourceID)")
        let daybook = PatientRules.name(item.source, "\(item.type)/\(item.daybookID)")
        return source == daybook ? [source] : [source, daybook]
    }

    /// What is nothing but where somebody is: practice, contacts, places and who works there.
    static func isLocation(_ item: ItemDescriptor) -> Bool {
        switch item.category {
        case .gpPractice, .nextOfKin: true
        default: item.type == "Organization" || item.type == "Location" || item.type == "PractitionerRole"
        }
    }
}
