/// What is held before policy, and why what is shown is shown: `record` and `explain`, with the receipts that they leave.
extension HistoryRun {
    /// What was asked so.
    struct Reasons {
        var records = 0
        /// Items and tombstones in them, and how many a hospital's message brought.
        var held = 0
        var ofHospitals = 0
        var explanations = 0
        /// Under a case that is open, and refused under one that is not.
        var underCase = 0
        var refusedCase = 0
        /// Under a case, told though nobody else is.
        var toldMore = 0
        var explainedItems = 0
        var steps = 0
    }

    mutating func record(_ asked: Asked) throws {
        guard let store = store as? any ExplainedSystem else { return }
        let before = try store.head()
        let expected = ViewModel(events: prediction.events, clock: storeClock).record(asked)
        guard let bytes = try store.record(asked) else { throw Problem("record, \(asked): refused") }
        let answered = try AnsweredView(bytes)
        let differences = Disagreement.between(expected, answered.view)
        if !differences.isEmpty {
            throw Problem("record, \(asked):\n  " + differences.joined(separator: "\n  "))
        }
        try tookReceipt(after: before)
        reasons.records += 1
        let all = expected.items + expected.tombstones
        reasons.held += all.count
        reasons.ofHospitals += all.count { $0.id.contains(".v2-") }
    }

    /// Of the whole; and of one of the items told of, step by step.
    mutating func explain(_ asked: Asked) throws {
        guard let store = store as? any ExplainedSystem else { return }
        let before = try store.head()
        let expected = ViewModel(events: prediction.events, clock: storeClock).explained(asked)
        let bytes = try store.explain(asked, item: nil)
        guard case .told(let whole, let items) = expected, let bytes else {
            if case .told = expected { throw Problem("explain, \(asked): refused, expected \(expected)") }
            guard bytes == nil, try store.head() == before else { throw Problem("explain, \(asked): told") }
            if asked.caseReference != nil { reasons.refusedCase += 1 }
            return
        }
        let tree = try JSONTree(parsing: bytes)
        var wrong: [String] = []
        if let found = Self.decided(tree, whole) { wrong.append("the whole: \(found)") }
        var wanted: [ViewModel.ExplainedGroup: Set<String>] = [:]
        for item in items { wanted[item.group, default: []].insert(item.reference) }
        var told: [ViewModel.ExplainedGroup: Set<String>] = [:]
        for entry in tree["items"]?.elements ?? [] {
            let references = entry["references"]?.elements.compactMap(\.text) ?? []
            if entry["count"]?.integer != references.count { wrong.append("a wrong count: \(entry.text())") }
            // What is told to everybody and what only under a case stand apart, for the same reason or another.
            told[Self.group(entry), default: []].formUnion(references)
        }
        for group in Set(wanted.keys).union(told.keys) where wanted[group] != told[group] {
            wrong.append("\(group): told \(told[group] ?? []), expected \(wanted[group] ?? [])")
        }
        if !wrong.isEmpty { throw Problem("explain, \(asked):\n  " + wrong.joined(separator: "\n  ")) }
        try tookReceipt(after: before)
        reasons.explanations += 1
        count(underCase: asked, items.count)
        reasons.explainedItems += items.count
        guard let item = items.isEmpty ? nil : items[reasons.explanations % items.count] else { return }
        try explain(asked, item, store)
    }

    private mutating func explain(
        _ asked: Asked, _ item: (reference: String, group: ViewModel.ExplainedGroup),
        _ store: any ExplainedSystem
    ) throws {
        let before = try store.head()
        // Asking leaves a receipt: now is later than it was.
        let model = ViewModel(events: prediction.events, clock: storeClock)
        guard case .told(_, let items) = model.explained(asked) else { return }
        let wanted = Set(items.filter { $0.reference == item.reference }.map(\.group))
        guard let bytes = try store.explain(asked, item: item.reference) else {
            throw Problem("explain \(item.reference), \(asked): refused")
        }
        let tree = try JSONTree(parsing: bytes)
        let parts = tree["items"]?.elements ?? []
        guard Set(parts.map(Self.group)) == wanted else {
            throw Problem("explain \(item.reference), \(asked): \(tree.text()), expected \(wanted)")
        }
        for part in parts {
            let steps = part["steps"]?.elements ?? []
            guard steps.map({ $0["rule"]?.text }) == Self.itemRules else {
                throw Problem("explain \(item.reference), \(asked): not each rule: \(part.text())")
            }
            let withheld = steps.first { $0["outcome"]?.text == "withheld" }
            let basis = withheld?["basis"]?.elements.compactMap { $0.integer.map(UInt64.init) }
            let group = Self.group(part)
            let isRight =
                group.permit ? withheld == nil : withheld?["rule"]?.text == group.rule && basis == group.basis
            guard isRight else {
                throw Problem("explain \(item.reference), \(asked): \(part.text()), expected \(group)")
            }
            reasons.steps += steps.count
        }
        try tookReceipt(after: before)
    }

    private mutating func count(underCase asked: Asked, _ told: Int) {
        guard asked.caseReference != nil else { return }
        reasons.underCase += 1
        var plain = asked
        plain.caseReference = nil
        switch ViewModel(events: prediction.events, clock: storeClock).explained(plain) {
        case .told(_, let items): if items.count < told { reasons.toldMore += 1 }
        case .refused: reasons.toldMore += 1
        case .usage: break
        }
    }

    /// What is asked of each item, in this order, whatever comes of it.
    private static let itemRules = [
        "agreement", "category", "exclusion-set", "dissent", "objection", "directive", "relationship",
        "permission", "label", "seal", "shield",
    ]

    private mutating func tookReceipt(after position: UInt64) throws {
        let (time, keys) = try expect([Prediction.Class.receipt], after: position)
        prediction.receipt(spent: [], alerts: 0, keys: keys, time: time)
    }

    private static func group(_ entry: JSONTree) -> ViewModel.ExplainedGroup {
        let decision = entry["decision"]
        return ViewModel.ExplainedGroup(
            source: entry["source"]?.text ?? "none", category: entry["category"]?.text ?? "none",
            permit: decision?["outcome"]?.text == "permit", rule: decision?["rule"]?.text ?? "none",
            basis: decision?["basis"]?.elements.compactMap { $0.integer.map(UInt64.init) } ?? [])
    }

    /// Where a decision as told is another.
    private static func decided(_ tree: JSONTree, _ verdict: Verdict) -> String? {
        let told = group(tree)
        guard told.permit == verdict.permit, told.rule == verdict.rule, told.basis == verdict.basis else {
            return "told \(told), expected \(verdict)"
        }
        return nil
    }
}
