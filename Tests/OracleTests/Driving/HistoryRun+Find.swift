/// Searches: the answer, and the receipts it leaves.
extension HistoryRun {
    mutating func find(_ search: Search) throws {
        guard let searched = store as? any SearchedSystem else { return }
        let search = aimed(search)
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

    /// For one who is known by now, by one who may find them, as the oracle has it; as it is where it aims at nobody, or nobody is found.
    private func aimed(_ search: Search) -> Search {
        guard let seed = search.aim, let region = prediction.region else { return search }
        var rng = SplitMix64(seed: seed)
        let model = ViewModel(events: prediction.events, clock: storeClock)
        let identity = Identity(events: prediction.events, placeholders: region.placeholders)
        let finders = region.roles.filter { $0.activities.contains("find-patient") }.map(\.code)
        let able = region.users.flatMap { user in user.profiles.map { (user: user.id, profile: $0) } }
            .filter { finders.contains($0.profile.code) }
        let seen = identity.seen
        for _ in 0..<16 {
            guard let subject = rng.maybePick(seen), let said = identity.assertionInForce(of: subject)?.said,
                let one = rng.maybePick(
                    able.filter {
                        $0.profile.organisation == subject.organisation || rng.chance(1, in: 3)
                    })
            else { continue }
            var chosen = Search(user: one.user, role: one.profile.name, purpose: search.purpose)
            if rng.chance(1, in: 3) {
                chosen.number = identity.numbers(of: subject).first?.digits
            }
            if chosen.number == nil {
                guard let family = said.family, let birthDate = said.birthDate, let given = said.given else {
                    continue
                }
                (chosen.family, chosen.birthDate, chosen.given) = (family, birthDate, given)
                if rng.chance(1, in: 4) { chosen.gender = rng.pick(["female", "male"]) }
                if rng.chance(1, in: 4) { chosen.postcode = rng.pick(["BH15 2AA", "dt11xj"]) }
            }
            if let findings = model.find(chosen), !findings.matches.isEmpty { return chosen }
        }
        return search
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
