/// The region's policy at a moment, as known by a position, read afresh from the files applied.
struct RegionAsOf {
    struct Applied {
        var spec: RegionSpec
        var facts: [String: UInt64]
        /// Microseconds.
        var time: Int64
    }

    /// What holds from when it was said until something else is: settings, roles, sets of codes, organisations' details.
    let spec: RegionSpec
    /// What the last file known says, whenever it was applied.
    let last: RegionSpec
    let applied: [Applied]
    let instant: Int64

    /// - Parameter events: those up to the position. nil where no file was applied by then.
    init?(events: [LoggedEvent], at instant: Int64 = .max) {
        applied = events.compactMap { event in
            guard case .region(let spec, let facts) = event.what else { return nil }
            return Applied(spec: spec, facts: facts, time: event.time)
        }
        guard let last = applied.last?.spec else { return nil }
        self.last = last
        self.instant = instant
        spec = applied.last { $0.time <= instant }?.spec ?? RegionSpec()
    }

    /// Where the latest fact about something stands: `agreement/ID`, `user/ID` …
    func position(_ key: String) -> UInt64? { applied.last { $0.facts[key] != nil }?.facts[key] }

    /// Of those that had been said by the moment.
    func begunPosition(_ key: String) -> UInt64? {
        applied.last { $0.facts[key] != nil && $0.time <= instant }?.facts[key]
    }

    static func covers(_ from: String?, _ to: String?, _ instant: Int64) -> Bool {
        if let from, LondonCalendar.start(of: from) > instant { return false }
        if let to, LondonCalendar.end(of: to) < instant { return false }
        return true
    }

    // MARK: Organisations

    /// Whether the charter was in force at an instant, which may lie before what is known of it.
    func charterInForce(_ ods: String, at instant: Int64) -> Bool {
        charter(ods).first { isInForce($0, at: instant) } != nil
    }

    func charterPosition(_ ods: String) -> UInt64? { deciding(charter(ods)) }

    private func charter(_ ods: String) -> [Span<Int64>] {
        spans("charter/\(ods)") { spec in
            let organisation = spec.organisations.first { $0.ods == ods }
            return organisation?.charterInstant ?? organisation?.charterSigned.map(LondonCalendar.start)
        } period: {
            ($0, nil)
        }
    }

    /// Closed: by the last closure known, whose day had begun.
    func closedBy(_ ods: String) -> (closure: RegionSpec.Organisation, position: UInt64?)? {
        guard let organisation = last.organisations.first(where: { $0.ods == ods }),
            let day = organisation.closed, LondonCalendar.start(of: day) <= instant
        else { return nil }
        return (organisation, position("closure/\(ods)"))
    }

    /// Why an organisation is not in force; nil where it is.
    func organisationMissing(_ ods: String) -> Verdict? {
        if let (_, closure) = closedBy(ods) { return .withhold("organisation", [closure]) }
        if spec.organisations.contains(where: { $0.ods == ods }) { return nil }
        return .withhold("organisation", [position("organisation/\(ods)")])
    }

    /// Who controls a source's subject: the source, or its successors in turn; nil, and the closure, where a split leaves it to
    /// nobody.
    func controller(of subject: SubjectName) -> (ods: String?, closure: UInt64?) {
        var ods = subject.organisation
        for _ in 0..<16 {
            guard let (closed, position) = closedBy(ods), !closed.successors.isEmpty else { break }
            let next =
                closed.successors.first { $0.subjects?.contains(subject.localID) ?? false }
                ?? closed.successors.first { $0.subjects == nil }
            guard let next else { return (nil, position) }
            ods = next.ods
        }
        return (ods, nil)
    }

    // MARK: Agreements

    private func spans(ofAgreement id: String) -> [Span<RegionSpec.Agreement>] {
        spans("agreement/\(id)") { spec in
            var terms = spec.agreements.first { $0.id == id }
            terms?.suspended = false
            return terms
        } period: {
            ($0.from.map(LondonCalendar.start), $0.to.map(LondonCalendar.end))
        }
    }

    private func names(_ span: Span<RegionSpec.Agreement>, recipient ods: String) -> Bool {
        let terms = span.terms
        if terms.recipients != ["all"] { return terms.recipients.contains(ods) }
        guard let organisation = spec.organisations.first(where: { $0.ods == ods }),
            organisation.kind != "commissioner"
        else { return false }
        // When it was signed, or last amended.
        let signed =
            span.isAmended ? span.latest : terms.from.map(LondonCalendar.start) ?? span.first
        return charterInForce(ods, at: signed)
    }

    /// The fact that suspends an agreement at the moment.
    private func suspension(_ id: String, _ span: Span<RegionSpec.Agreement>) -> UInt64? {
        let said = applied.last { $0.time <= instant && $0.time >= span.first }
        guard said?.spec.agreements.first(where: { $0.id == id })?.suspended == true else { return nil }
        return begunPosition("suspension/\(id)")
    }

    /// The agreement that shares, by the position of its terms, the earliest of several; else what ended
    /// those that would.
    func agreement(
        controller: String, recipient: String, category: String, purpose: String
    ) -> (UInt64?, over: [UInt64?]) {
        var shares: [UInt64] = []
        var over: [UInt64?] = []
        for id in agreementIDs {
            let spans = spans(ofAgreement: id)
            guard let span = chosen(spans), span.terms.controller == controller,
                span.terms.categories.contains(category)
            else { continue }
            let purposes = purpose == "emergency" ? [purpose, "direct-care"] : [purpose]
            guard purposes.contains(where: span.terms.purposes.contains), names(span, recipient: recipient)
            else { continue }
            if !isInForce(span, at: instant) {
                over.append(deciding(spans))
            } else if let suspended = suspension(id, span) {
                over.append(suspended)
            } else if let position = span.position {
                shares.append(position)
            }
        }
        return (shares.min(), over)
    }

    private var agreementIDs: [String] {
        Set(applied.flatMap { $0.spec.agreements.map(\.id) }).sorted()
    }

    /// Whoever any agreement known names as its controller.
    func controlsAgreement(_ ods: String) -> Bool {
        agreementIDs.contains { chosen(spans(ofAgreement: $0))?.terms.controller == ods }
    }

    // MARK: Users

    /// Every role profile ever declared of a user, in its latest terms.
    func profiles(of user: String) -> [RegionSpec.Profile] {
        let names = Set(
            applied.flatMap { one in
                one.spec.users.first { $0.id == user }?.profiles.map(\.name) ?? []
            })
        return names.sorted().compactMap { chosen(spans(ofProfile: $0, of: user))?.terms }
    }

    private func spans(ofProfile name: String, of user: String) -> [Span<RegionSpec.Profile>] {
        spans("profile/\(user) \(name)") { spec in
            spec.users.first { $0.id == user }?.profiles.first { $0.name == name }
        } period: {
            ($0.from.map(LondonCalendar.start), $0.to.map(LondonCalendar.end))
        }
    }

    func isInForce(_ profile: RegionSpec.Profile, of user: String) -> Bool {
        chosen(spans(ofProfile: profile.name, of: user)).map { isInForce($0, at: instant) } ?? false
    }

    func profilePosition(_ name: String, of user: String) -> UInt64? {
        deciding(spans(ofProfile: name, of: user))
    }

    /// Registered: from then, or from the first role's beginning where that lies before; until they left.
    func isRegistered(_ user: String) -> Bool {
        registration(user).last { $0.from <= instant }?.isThere ?? false
    }

    /// What decides that they are not: their leaving, or the registration that had not begun.
    func userPosition(_ user: String) -> UInt64? {
        let said = registration(user)
        return (said.last { $0.from <= instant } ?? said.last)?.position
    }

    private func registration(_ user: String) -> [(from: Int64, isThere: Bool, position: UInt64?)] {
        var out: [(from: Int64, isThere: Bool, position: UInt64?)] = []
        for one in applied {
            let found = one.spec.users.first { $0.id == user }
            let wasThere = out.last?.isThere ?? false
            guard (found != nil) != wasThere else { continue }
            let starts = (found?.profiles ?? []).compactMap { $0.from.map(LondonCalendar.start) }
            out.append((min(one.time, starts.min() ?? one.time), found != nil, one.facts["user/\(user)"]))
        }
        return out
    }

    /// A licence is held from the earliest start of the user's roles there: why there is none, or nil.
    func licenceMissing(user: String, ods: String) -> Verdict? {
        let held = spans("licence/\(user) \(ods)") { spec -> [Int64]? in
            if spec.licences.contains("\(user) \(ods)") { return [] }
            let there = spec.users.first { $0.id == user }?.profiles.filter { $0.organisation == ods } ?? []
            if there.isEmpty { return nil }
            return there.compactMap { $0.from.map(LondonCalendar.start) }.min().map { [$0] } ?? []
        } period: {
            ($0.first, nil)
        }
        if let span = chosen(held), isInForce(span, at: instant) { return nil }
        return .withhold("licence", [deciding(held)])
    }
}
