import CareRecord
import EventLog
import Projections
import Wire

/// Restrictions that stay on both sides of an unlink until it is reviewed (decision 2, D6).
struct CarriedFacts {
    let store: Store
    let union: PatientUnion
    let position: Position
    /// As of the position.
    let identity: RememberedIdentity

    /// A joint that was parted and not looked at since: who, and when.
    private struct Parting {
        var other: StreamToken
        var at: Position
    }

    /// - Returns: the facts recorded before each parting about whoever was one person with this patient then. Most
    ///   patients were never parted from anybody, and cost one look at each subject's edges.
    func found() throws(ProjectionError) -> [StoredFact] {
        var out: [Position: StoredFact] = [:]
        for subject in union.subjects {
            for parting in try partings(of: subject) {
                let before = Position(parting.at.value - 1)
                let then = store.identityReader(at: before)
                guard let old = try then.union(of: parting.other) else { continue }
                let facts = try store.policyReader(at: before).facts(under: old.subjects + old.numbers)
                for fact in facts where fact.fact.kind.isCarried { out[fact.position] = fact }
            }
        }
        return out.values.sorted { $0.position < $1.position }
    }

    /// Those of a subject that stand unreviewed. Linked again, or parted once more by whoever looked into it: no longer.
    private func partings(of subject: StreamToken) throws(ProjectionError) -> [Parting] {
        let edges = try identity.edges(of: subject)
        guard edges.contains(where: { !$0.stands }) else { return [] }
        var open: [StreamToken: Position] = [:]
        for edge in edges {
            open[edge.other] = nil
            guard !edge.stands else { continue }
            let before = store.identityReader(at: Position(edge.position.value - 1))
            if try before.linked(with: subject).contains(edge.other) { open[edge.other] = edge.position }
        }
        let now = try identity.linked(with: subject)
        return open.filter { !now.contains($0.key) }.map { Parting(other: $0.key, at: $0.value) }
    }
}

extension PatientFactKind {
    /// Restrictions, and what ends them: a carried restriction stands as it stood.
    var isCarried: Bool {
        if isRestriction || self == .dissentWithdrawn || self == .shieldCleared { return true }
        return refersTo?.isRestriction ?? false
    }
}
