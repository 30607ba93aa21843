import Wire

/// An instant at which something begins to count, or no longer does, by itself: no event is recorded then.
public struct Boundary: Hashable, Sendable {
    public var instant: Instant
    /// The event whose period it is.
    public var position: Position
}

extension RegionHistory {
    /// Where periods of the region's facts begin and end, as far as they may bear on what one user sees.
    public func boundaries(of user: String) -> [Boundary] {
        var out: [Boundary] = []
        func add(_ from: Instant?, _ to: Instant?, _ position: Position) {
            if let from { out.append(Boundary(instant: from, position: position)) }
            if let to { out.append(Boundary(instant: to.next, position: position)) }
        }
        func addEnd(_ end: (position: Position, from: Instant)?) {
            if let end { add(end.from, nil, end.position) }
        }
        for agreement in agreements.values {
            for span in agreement.terms.spans {
                for version in span.versions { add(version.terms.from, version.terms.to, version.position) }
                addEnd(span.end)
            }
            for suspension in agreement.suspensions { add(suspension.from, nil, suspension.position) }
        }
        for organisation in organisations.values {
            for closure in organisation.closures { add(closure.from, nil, closure.position) }
            for span in organisation.charters.spans {
                for version in span.versions { add(version.terms.from, nil, version.position) }
                addEnd(span.end)
            }
        }
        for profile in users[user].map({ Array($0.profiles.values) }) ?? [] {
            for span in profile.spans {
                for version in span.versions { add(version.terms.from, version.terms.to, version.position) }
                addEnd(span.end)
            }
        }
        for licence in users[user].map({ Array($0.licences.values) }) ?? [] {
            for span in licence.spans {
                for version in span.versions { add(version.terms.from, nil, version.position) }
                addEnd(span.end)
            }
        }
        return out
    }

    /// Where periods of a patient's facts begin and end, by the region's periods at the point.
    public func boundaries(of facts: PatientFacts, at point: DecisionPoint) -> [Boundary] {
        let state = state(at: point)
        return PatientRules(facts, state: state).boundaries(state.calendar)
    }
}

extension PatientRules {
    func boundaries(_ calendar: StoreCalendar) -> [Boundary] {
        var out: [Boundary] = []
        for entry in known {
            let fact = entries[entry.index].fact
            out.append(Boundary(instant: entry.from, position: entry.position))
            var ends = [statedEnd(entry.index, entry.from)]
            switch entry.kind {
            case .permissionToView:
                ends.append(settings.map { calendar.end(of: $0.permissionToViewPeriod, from: entry.from) })
            case .overrideDeclared:
                ends.append(settings.map { calendar.end(of: $0.overridePeriod, from: entry.from) })
            case .relationshipEnded where fact.byFeed:
                let end = ends[0] ?? entry.from
                ends.append(settings.map { calendar.end(of: $0.relationshipGracePeriod, from: end) })
            case .deceased:
                let day = fact.date.map { calendar.end(of: $0) } ?? entry.from
                ends.append(settings.map { calendar.end(of: $0.relationshipGracePeriod, from: day) } ?? day)
            default: break
            }
            for end in ends.compactMap(\.self) {
                out.append(Boundary(instant: end.next, position: entry.position))
            }
        }
        return out
    }
}

extension Instant {
    /// The microsecond after it.
    fileprivate var next: Instant { self == .distantFuture ? self : Instant(microseconds: microseconds + 1) }
}
