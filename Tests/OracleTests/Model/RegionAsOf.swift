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

    func charterInForce(_ ods: String, at instant: Int64) -> Bool {
        guard let signed = organisation(ods)?.charterSigned else { return false }
        return LondonCalendar.start(of: signed) <= instant
    }

    /// When an agreement in force was signed, or last amended: what `all` looks back to.
    func signedOrAmended(_ id: String) -> Int64 {
        var current: RegionSpec.Agreement?
        var at: Int64 = 0
        for (spec, _, time) in applied {
            let next = spec.agreements.first { $0.id == id }
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
}
