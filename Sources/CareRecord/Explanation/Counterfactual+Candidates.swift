import Wire

/// Events worth trying: what each rule asks for, or what would take away what a permit stands on.
extension Counterfactual {
    private var state: RegionState { history.state(at: request.point) }
    private var allSubjects: [Int] { Array(facts.subjects.indices) }

    private func fact(_ kind: PatientFactKind, _ fill: (inout PatientFact) -> Void) -> ChangingEvent.Event {
        var fact = PatientFact(kind)
        fact.reason = "to be given"
        fill(&fact)
        return .patient(fact, allSubjects)
    }

    /// The fact of the kind that ends one of the decision's, where that has an id.
    private func ending(_ kind: PatientFactKind, of decision: Decision) -> [ChangingEvent.Event] {
        entries(of: decision).compactMap { entry in
            guard entry.fact.kind == kind.refersTo, let id = entry.fact.id else { return nil }
            return fact(kind) { $0.id = id }
        }
    }

    /// The fact that clears one without an id, of the subjects that it names.
    private func clearing(_ kind: PatientFactKind, of decision: Decision) -> [ChangingEvent.Event] {
        entries(of: decision).map { entry in
            guard case .subjects(let subjects) = entry.scope else { return fact(kind) { _ in } }
            return .patient(PatientFact(kind), subjects)
        }
    }

    private func entries(of decision: Decision) -> [PatientFacts.Entry] {
        decision.basis.compactMap { position in facts.entries.first { $0.position == position } }
    }

    /// What would lift a withholding.
    func liftings(of decision: Decision) -> [ChangingEvent.Event] {
        guard let profile = state.chosenProfile(request.viewer) else {
            return viewerLiftings(of: decision, nil)
        }
        let user = profile.user
        switch decision.rule {
        case .relationship:
            let created = fact(.relationshipCreated) {
                ($0.org, $0.relationship) = (profile.org, .referral)
            }
            return [created] + overrides(user)
        case .permission:
            let permission = fact(.permissionToView) { ($0.user, $0.permissionBasis) = (user, .asked) }
            return [permission] + overrides(user)
        case .dissent: return clearing(.dissentWithdrawn, of: decision) + overrides(user)
        case .objection: return ending(.objectionDeclined, of: decision) + overrides(user)
        case .directive:
            let permit = fact(.consentDirective) {
                ($0.user, $0.outcome) = (user, .permit)
                $0.categories = CategorySet(item.map { [$0.category] } ?? [])
            }
            return ending(.directiveWithdrawn, of: decision) + [permit] + overrides(user)
        case .label: return overrides(user) + role(profile) { $0.labels += labels(of: decision) }
        case .seal: return ending(.sealLifted, of: decision) + overrides(user)
        case .shield: return clearing(.shieldCleared, of: decision)
        case .staffExclusion: return ending(.staffExclusionEnded, of: decision)
        default: return viewerLiftings(of: decision, profile)
        }
    }

    private func overrides(_ user: String) -> [ChangingEvent.Event] {
        OverrideKind.allCases.map { kind in
            fact(.overrideDeclared) { ($0.user, $0.recordedBy, $0.overrideKind) = (user, user, kind) }
        }
    }

    /// The role's baseline, published anew with something more.
    private func role(_ profile: RoleProfile, _ change: (inout RoleBaseline) -> Void) -> [ChangingEvent.Event]
    {
        guard var role = state.role(profile.code).terms else { return [] }
        change(&role)
        return [.region(.roleBaseline(role))]
    }

    private func labels(of decision: Decision) -> [String] {
        let sets = state.sensitivities.filter { decision.basis.contains($0.position) }.map(\.set.name)
        return sets + entries(of: decision).compactMap(\.fact.label)
    }

    /// Rules that the region's facts decide.
    private func viewerLiftings(of decision: Decision, _ profile: RoleProfile?) -> [ChangingEvent.Event] {
        guard let profile else { return [] }
        switch decision.rule {
        case .organisation:
            return state.details(of: profile.org).map { [.region(.organisationOnboarded($0))] } ?? []
        case .charter:
            return [.region(.charterSigned(CharterSignature(ods: profile.org, from: request.point.instant)))]
        case .user: return [.region(.userRegistered(UserDetails(id: profile.user, name: profile.user)))]
        case .licence:
            return [.region(.licenceAssigned(LicenceAssignment(user: profile.user, ods: profile.org)))]
        case .role:
            var renewed = profile
            (renewed.from, renewed.to) = (nil, nil)
            return [.region(.roleProfileAssigned(renewed))]
        case .activity: return role(profile) { $0.activities.append(request.activity) }
        case .category:
            return item.map { item in role(profile) { $0.categories.formUnion(CategorySet([item.category])) }
            } ?? []
        case .exclusionSet:
            return state.exclusionSets.filter { decision.basis.contains($0.position) }.map {
                .region(.exclusionSetEnded(RegionEnd(id: $0.set.name)))
            }
        case .agreement: return agreement(profile)
        default: return []
        }
    }

    private func agreement(_ profile: RoleProfile) -> [ChangingEvent.Event] {
        guard let item else { return [] }
        let localID =
            facts.subjects.indices.contains(item.subject) ? facts.subjects[item.subject].localID : ""
        guard case .organisation(let ods) = state.controller(source: item.source, localID: localID) else {
            return []
        }
        var id = "NEW-\(ods)-\(profile.org)"
        while history.agreements[id] != nil { id += "+" }
        let terms = AgreementTerms(
            id: id, controller: ods, recipients: [profile.org], categories: CategorySet([item.category]),
            purposes: [request.purpose], legalBasis: [AgreementTerms.LegalBasis(text: "to be given")])
        return [.region(.agreementSigned(terms))]
    }

    /// What would take away something that a permit stands on, or bar the viewer.
    var endings: [ChangingEvent.Event] {
        guard let now = decision, let profile = state.chosenProfile(request.viewer) else { return [] }
        let ended = ending(.relationshipEnded, of: now) + ending(.overrideEnded, of: now)
        let withdrawn = fact(.permissionWithdrawn) { $0.user = profile.user }
        let agreements = history.agreements.keys.sorted().filter { id in
            guard let found = history.agreements[id]?.terms.found(at: request.point) else { return false }
            return now.basis.contains(found.version.position)
        }
        let revoked = RegionFact.roleProfileRevoked(RegionEnd(id: profile.id, user: profile.user))
        return ended + [withdrawn, fact(.dissentSet) { _ in }]
            + agreements.map { .region(.agreementEnded(RegionEnd(id: $0))) }
            + [fact(.staffExcluded) { $0.user = profile.user }, .region(revoked)]
    }
}
