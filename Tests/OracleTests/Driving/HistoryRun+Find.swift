/// Searches: the answer, and the receipts it leaves.
extension HistoryRun {
    mutating func find(_ search: Search) throws {
        guard let searched = store as? any SearchedSystem else { return }
        let before = try store.head()
        let expected = ViewModel(events: prediction.events, clock: storeClock).find(search)
        guard let bytes = try searched.find(search) else {
            guard expected == nil, try store.head() == before else { throw Problem("\(search): usage") }
            return
        }
        guard let expected else { throw Problem("\(search): answered, and a role must be chosen") }
        let tree = try JSONTree(parsing: bytes)
        let differences = Self.differences(tree, expected, at: before)
        if !differences.isEmpty {
            throw Problem("\(search):\n  " + differences.joined(separator: "\n  "))
        }
        // One receipt for each match, in one batch; one for the question where there is none.
        let count = max(1, expected.matches.count)
        let (time, keys) = try expect(
            Array(repeating: Prediction.Class.receipt, count: count), after: before)
        let receipts = tree["receipts"]?.elements.compactMap { $0["position"]?.integer } ?? []
        guard receipts == (0..<count).map({ Int(before) + 1 + $0 }) else {
            throw Problem("\(search): receipts at \(receipts)")
        }
        prediction.found(receipts: count, keys: keys, time: time)
        searches["\(expected.rule) \(expected.matches.count)", default: 0] += 1
        if !expected.matches.isEmpty { found += 1 }
    }

    private static func differences(
        _ tree: JSONTree, _ expected: ViewModel.Findings, at head: UInt64
    ) -> [String] {
        var out: [String] = []
        func compare<Value: Equatable>(_ what: String, _ found: Value, _ wanted: Value) {
            if found != wanted { out.append("\(what): \(found), expected \(wanted)") }
        }
        let decision = tree["decision"]
        compare("rule", decision?["rule"]?.text, expected.rule)
        compare("outcome", decision?["outcome"]?.text, expected.matches.isEmpty ? "withhold" : "permit")
        compare("basis", decision?["basis"]?.elements.compactMap(\.integer), expected.basis.map(Int.init))
        compare("position", tree["at"]?["position"]?.integer, Int(head))
        compare("final", tree["final"]?.truth, false)
        let found = (tree["matches"]?.elements ?? []).map { match in
            // Nothing else is shown.
            let others = match.members.map(\.name).filter {
                !["name", "birthDate", "nhsNumber", "postcodeDistrict"].contains($0)
            }
            if !others.isEmpty { out.append("a match shows \(others)") }
            return ViewModel.Found(
                name: match["name"]?.text, birthDate: match["birthDate"]?.text,
                number: match["nhsNumber"]?.text, district: match["postcodeDistrict"]?.text)
        }
        let numbers = found.map { $0.number ?? "~" }
        if numbers != numbers.sorted() { out.append("in no order: \(numbers)") }
        func counts(_ all: [ViewModel.Found]) -> [ViewModel.Found: Int] {
            Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +)
        }
        compare("matches", counts(found), counts(expected.matches))
        return out
    }
}
