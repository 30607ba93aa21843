import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// The region's policy, applied from a file.
extension Store {
    /// What applying a region file did, or with `dryRun` would do.
    public struct RegionOutcome: Sendable {
        public var facts: [RegionFact]
        /// Those of them that may let somebody see more.
        public var widening: [RegionFact]
        /// Who gains and who loses sight of what.
        public var effects: [RegionEffect]
        /// Nil for a dry run, and where the file changes nothing.
        public var appended: AppendOutcome.Appended?
        /// What the file asks for that could not be done.
        public var notices: [String]
    }

    /// The region as declared by everything recorded so far.
    public func regionDeclaration() throws(StoreError) -> RegionDeclaration {
        try regionState().history.declaration
    }

    func regionState() throws(StoreError) -> RegionPolicy.State {
        let head = try head().position
        do throws(ProjectionError) {
            try policy.catchUp(toAtLeast: (try? log.classHead(.regionFact)) ?? head, head: head)
            return try regionPolicy.loaded(policyReader(at: head))
        } catch { throw .projection(error) }
    }

    /// As far as policy is folded: waits for nobody who folds.
    func foldedRegionState() throws(StoreError) -> RegionPolicy.State {
        do throws(ProjectionError) { return try regionPolicy.loaded(policyReader(at: policy.position)) } catch
        {
            throw .projection(error)
        }
    }

    /// Compares the file with the policy in force, and records what makes the difference, all or nothing.
    ///
    /// - Parameter approvedBy: a second person, known to policy, for a file that widens access. A store's first file needs none.
    /// - Throws: `refused` where approval is missing, or is the operator's own; `usage` where the approver is unknown, and where a
    ///   real store is not told who the operator is.
    public func applyRegion(
        _ file: RegionFile, fileName: String, dryRun: Bool = false, approvedBy: String? = nil, asker: Asker
    ) throws(StoreError) -> RegionOutcome {
        let state = try regionState()
        let facts = file.facts(after: state.history.declaration)
        let widening = RegionWidening.widening(facts, after: state.history.declaration)
        var outcome = RegionOutcome(
            facts: facts, widening: widening,
            effects: facts.flatMap { RegionEffect.effects(of: $0, before: state.history.declaration) },
            appended: nil,
            notices: file.notices)
        if let approvedBy { try checkApprover(approvedBy, asker, state) }
        if dryRun || facts.isEmpty { return outcome }
        if !state.history.declaration.isEmpty, !widening.isEmpty, approvedBy == nil {
            throw .refused(
                "this file widens access (\(widening.count) of \(facts.count) changes, the first: "
                    + "\(widening[0].kind.rawValue) \(widening[0].summary.id)): "
                    + "name somebody else who approved it with --approved-by USER; --dry-run lists the changes"
            )
        }
        // Two people: without a name for the first, the second could be the same one.
        if !state.history.declaration.isEmpty, !widening.isEmpty {
            _ = try operatorIdentity(asker, head: try head())
        }
        var origin = JSONWriter(capacity: 96)
        origin.object { w in
            w.member("file", fileName)
            w.member("systemUser", asker.systemUser)
            w.member("operator", ifPresent: asker.user)
            w.member("approvedBy", ifPresent: approvedBy)
        }
        let meta = origin.finish()
        var records: [SealedRecord] = []
        records.reserveCapacity(facts.count)
        for fact in facts {
            let record = try StoreError.translating {
                try sealer.seal(
                    .regionFact, slotB: .region, bodyB: [BodyItem(meta: meta, try fact.json())])
            }
            records.append(record)
        }
        let since: Condition = .classUnchanged(.regionFact, since: state.history.head)
        outcome.appended = try appendOne(Proposal(records: records, conditions: [since]))
        return outcome
    }

    private func checkApprover(
        _ user: String, _ asker: Asker, _ state: RegionPolicy.State
    ) throws(StoreError) {
        guard state.history.declaration.users[user] != nil else {
            throw .usage("--approved-by \(user): no such user in the region")
        }
        let now = DecisionPoint(instant: try clock(), position: state.history.head)
        guard state.history.state(at: now).user(user).terms != nil else {
            throw .refused("--approved-by \(user): no user in force now")
        }
        guard user != asker.user else {
            throw .refused("--approved-by \(user): approval must be somebody else's than the operator's")
        }
    }
}
