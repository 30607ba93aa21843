import Wire

extension ViewerContext {
    func cell(source: String, category: Category, subject: Int) -> ItemCell {
        let cells = cells(source: source, subject: subject)
        if let cell = cells.cells[Int(category.rawValue)] { return cell }
        let cell = makeCell(cells, category)
        cells.cells[Int(category.rawValue)] = cell
        return cell
    }

    func cells(source: String, subject: Int) -> SourceCells {
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

    /// Controller and agreement of a cell, then the role's categories.
    func early(_ cells: SourceCells, _ category: Category) -> (decision: Decision?, agreement: Position?) {
        var agreement: Position?
        switch cells.controller {
        case .none(let position): return (.withhold(.agreement, [position]), nil)
        case .organisation(let controller) where controller == resolved.profile.org: break
        case .organisation:
            agreement = RegionState.permit(cells.agreements, category)
            guard agreement != nil else {
                let answer = RegionState.answer(cells.agreements, category)
                return (.withhold(.agreement, answer.decidedBy), nil)
            }
        }
        guard resolved.role.categories.contains(category) else {
            return (
                .withhold(.category, [resolved.profilePosition, resolved.rolePosition]), agreement
            )
        }
        return (nil, agreement)
    }

    func isOwn(_ cells: SourceCells) -> Bool {
        if case .organisation(resolved.profile.org) = cells.controller { true } else { false }
    }

    private func makeCell(_ cells: SourceCells, _ category: Category) -> ItemCell {
        let isOwn = isOwn(cells)
        let seals = seals.categories.isEmpty ? [] : seals.of(category)
        let (early, agreement) = early(cells, category)
        if let early {
            return ItemCell(
                isOwn: isOwn, early: early, middle: nil, seals: seals, late: early, overridden: early)
        }
        let isPlain = directives.isEmpty && seals.isEmpty
        if isPlain, let plain = cells.plain, plain.agreement == agreement { return plain.cell }
        let cell = makeCell(cells, category, isOwn, agreement, seals)
        if isPlain { cells.plain = (agreement, cell) }
        return cell
    }

    /// - Parameter agreement: what shares it, where it is not the viewer's own.
    private func makeCell(
        _ cells: SourceCells, _ category: Category, _ isOwn: Bool, _ agreement: Position?, _ seals: [Seal]
    ) -> ItemCell {
        var basis = [resolved.profilePosition]
        if let agreement { basis.append(agreement) }
        var passed: [Position] = []
        for decision in middle(isOwn, category, cells.subject) {
            if decision.permit {
                basis += decision.basis
            } else if let passing = overrides.passing(decision.rule) {
                passed.append(passing)
            } else {
                return ItemCell(
                    isOwn: isOwn, middle: decision, seals: seals, late: decision, overridden: decision)
            }
        }
        let permit = permit(isOwn: isOwn, isOverridden: !passed.isEmpty, basis + passed)
        return ItemCell(
            isOwn: isOwn, middle: nil, seals: seals, late: permit,
            overridden: self.permit(isOwn: isOwn, isOverridden: true, basis + passed))
    }

    private func permit(isOwn: Bool, isOverridden: Bool, _ basis: [Position]) -> Decision {
        var permit = Decision.permit(
            isOverridden ? .override : isOwn ? .ownOrganisation : .agreement, basis)
        if !isOwn, withholdsNarrative { permit.redaction.insert(.narrative) }
        if redactsLocation { permit.redaction.insert(.location) }
        return permit
    }

    /// Dissent, objection, directive, relationship and permission, those that are asked, in that order.
    func middle(_ isOwn: Bool, _ category: Category, _ subject: Int) -> [Decision] {
        var out: [Decision] = []
        if !isOwn {
            if !dissents.isEmpty { out.append(.withhold(.dissent, dissents)) }
            if !objections.isEmpty { out.append(.withhold(.objection, objections)) }
            if let directive = directives.first(where: { $0.applies(category, subject: subject) }),
                directive.denies
            {
                out.append(.withhold(.directive, [directive.position]))
            }
        }
        out.append(relationship)
        if !isOwn, needsPermission { out.append(permission(subject)) }
        return out
    }

    private func permission(_ subject: Int) -> Decision {
        if let known = permissions[subject] { return known }
        let decided = rules.permission(resolved.profile, subject: subject)
        permissions[subject] = decided
        return decided
    }
}
