/// The region's policy at a position, read afresh from the files applied.
struct RegionAsOf {
    let spec: RegionSpec
    private let applied: [(spec: RegionSpec, facts: [String: UInt64], time: Int64)]

    /// - Parameter events: those up to the position. nil where no file was applied by then.
    init?(events: [LoggedEvent]) {
        applied = events.compactMap { event in
            guard case .region(let spec, let facts) = event.what else { return nil }
            return (spec, facts, event.time)
        }
        guard let last = applied.last else { return nil }
        spec = last.spec
    }

    /// Where the latest fact about something stands: `agreement/ID`, `user/ID` …
    func position(_ key: String) -> UInt64? { applied.last { $0.facts[key] != nil }?.facts[key] }

    func organisation(_ ods: String) -> RegionSpec.Organisation? {
        spec.organisations.first { $0.ods == ods }
    }

    static func covers(_ from: String?, _ to: String?, _ instant: Int64) -> Bool {
        if let from, LondonCalendar.start(of: from) > instant { return false }
        if let to, LondonCalendar.end(of: to) < instant { return false }
        return true
    }

    /// Whether the charter was in force at an instant, which may lie before what is known of it.
    func charterInForce(_ ods: String, at instant: Int64) -> Bool {
        var spans: [(from: Int64, ended: Int64?)] = []
        var open = false
        for (spec, _, time) in applied {
            let signed = spec.organisations.first { $0.ods == ods }?.charterSigned
            if let signed {
                let span = (from: LondonCalendar.start(of: signed), ended: Int64?.none)
                if open { spans[spans.count - 1] = span } else { spans.append(span) }
            } else if open {
                spans[spans.count - 1].ended = time
            }
            open = signed != nil
        }
        return spans.contains { $0.from <= instant && $0.ended.map { instant < $0 } ?? true }
    }

    /// In force: listed, and not closed yet.
    func closedBy(_ ods: String, at instant: Int64) -> (closure: RegionSpec.Organisation, position: UInt64?)?
    {
        guard let organisation = organisation(ods), let day = organisation.closed,
            LondonCalendar.start(of: day) <= instant
        else { return nil }
        return (organisation, position("closure/\(ods)"))
    }

    /// Who controls a source's subject: the source, or its successors in turn; nil, and the closure, where
    /// a split
    /// leaves it to nobody.
    func controller(of subject: SubjectName, at instant: Int64) -> (ods: String?, closure: UInt64?) {
        var ods = subject.organisation
        for _ in 0..<16 {
            guard let (closed, position) = closedBy(ods, at: instant), !closed.successors.isEmpty else {
                break
            }
            let next =
                closed.successors.first { $0.subjects?.contains(subject.localID) ?? false }
                ?? closed.successors.first { $0.subjects == nil }
            guard let next else { return (nil, position) }
            ods = next.ods
        }
        return (ods, nil)
    }

    /// When an agreement in force was signed, or last amended: what `all` looks back to.
    func signedOrAmended(_ id: String) -> Int64 {
        var current: RegionSpec.Agreement?
        var at: Int64 = 0
        for (spec, _, time) in applied {
            var next = spec.agreements.first { $0.id == id }
            next?.suspended = false
            if let next, current == nil {
                at = next.from.map { LondonCalendar.start(of: $0) } ?? time
            } else if let next, next != current {
                at = time
            }
            current = next
        }
        return at
    }

    func names(_ agreement: RegionSpec.Agreement, recipient ods: String) -> Bool {
        if agreement.recipients != ["all"] { return agreement.recipients.contains(ods) }
        guard let organisation = organisation(ods), organisation.kind != "commissioner" else { return false }
        return charterInForce(ods, at: signedOrAmended(agreement.id))
    }

    /// The agreement that shares, by the position of its terms, the earliest of several; else what ended
    /// those that would.
    func agreement(
        controller: String, recipient: String, category: String, purpose: String, at instant: Int64
    ) -> (UInt64?, over: [UInt64?]) {
        var shares: [UInt64] = []
        var over: [UInt64?] = []
        for terms in knownAgreements
        where terms.controller == controller && terms.categories.contains(category) {
            let purposes = purpose == "emergency" ? [purpose, "direct-care"] : [purpose]
            guard purposes.contains(where: terms.purposes.contains), names(terms, recipient: recipient) else {
                continue
            }
            let position = position("agreement/\(terms.id)")
            let current = spec.agreements.first { $0.id == terms.id }
            if current == nil || !Self.covers(terms.from, terms.to, instant) {
                over.append(position)
            } else if current?.suspended == true {
                over.append(self.position("suspension/\(terms.id)"))
            } else if let position {
                shares.append(position)
            }
        }
        return (shares.min(), over)
    }

    /// Every agreement ever declared, in its latest terms: those that were ended too.
    var knownAgreements: [RegionSpec.Agreement] {
        var latest: [String: RegionSpec.Agreement] = [:]
        for (spec, _, _) in applied { for terms in spec.agreements { latest[terms.id] = terms } }
        return latest.values.sorted { $0.id < $1.id }
    }

    /// Every role profile ever declared of a user, in its latest terms.
    func profiles(of user: String) -> [RegionSpec.Profile] {
        var latest: [String: RegionSpec.Profile] = [:]
        for (spec, _, _) in applied {
            for profile in spec.users.first(where: { $0.id == user })?.profiles ?? [] {
                latest[profile.name] = profile
            }
        }
        return latest.values.sorted { $0.name < $1.name }
    }

    /// A licence is held from the earliest start of the user's roles there: why there is none, or nil.
    func licenceMissing(user: String, ods: String, at instant: Int64) -> Verdict? {
        let profiles = spec.users.first { $0.id == user }?.profiles.filter { $0.organisation == ods } ?? []
        let starts = profiles.compactMap { $0.from.map(LondonCalendar.start) }
        if !profiles.isEmpty, starts.min().map({ $0 <= instant }) ?? true { return nil }
        return .withhold("licence", [position("licence/\(user) \(ods)")])
    }
}
