/// Where an answer and the expected one part, in words.
enum Disagreement {
    static func between(_ expected: ExpectedView, _ actual: ExpectedView) -> [String] {
        var out: [String] = []
        func compare<T: Equatable>(_ what: String, _ left: T, _ right: T) {
            if left != right { out.append("\(what): expected \(left), answered \(right)") }
        }
        compare("position", expected.position, actual.position)
        compare("time", expected.time, actual.time)
        compare("final", expected.final, actual.final)
        compare("outcome", expected.outcome, actual.outcome)
        compare("rule", expected.rule, actual.rule)
        compare("basis", expected.basis, actual.basis)
        compare("apart", expected.apart, actual.apart)
        out += items("items", expected.items, actual.items)
        out += items("tombstones", expected.tombstones, actual.tombstones)
        out += withheld(expected.withheld, actual.withheld)
        compare("sealed", expected.sealed, actual.sealed)
        compare("shield", expected.shield, actual.shield)
        compare("absent", expected.absent, actual.absent)
        compare("offers", expected.offers, actual.offers)
        compare("identityChanged", expected.identityChanged, actual.identityChanged)
        compare("knownAt", expected.knownAt, actual.knownAt)
        compare("sources", expected.sources, actual.sources)
        return out
    }

    private static func withheld(
        _ expected: [ExpectedView.Withheld]?, _ actual: [ExpectedView.Withheld]?
    ) -> [String] {
        guard let expected, let actual else {
            return expected == actual
                ? [] : ["withheld: expected \(expected != nil), answered \(actual != nil)"]
        }
        if expected == actual { return [] }
        let words = { (entries: [ExpectedView.Withheld]) in
            entries.map { "\($0.count) \($0.category) by \($0.rule) \($0.basis)" }
        }
        let (wanted, found) = (words(expected), words(actual))
        let missing = wanted.filter { !found.contains($0) }
        let extra = found.filter { !wanted.contains($0) }
        return ["withheld: missing \(missing), extra \(extra)"]
    }

    private static func items(
        _ what: String, _ expected: [ExpectedView.Item], _ actual: [ExpectedView.Item]
    ) -> [String] {
        let names = { (items: [ExpectedView.Item]) in items.map { "\($0.category) \($0.type)/\($0.id)" } }
        if names(expected) != names(actual) {
            let missing = names(expected).filter { !names(actual).contains($0) }
            let extra = names(actual).filter { !names(expected).contains($0) }
            if missing.isEmpty, extra.isEmpty {
                return ["\(what) in another order: expected \(names(expected)), answered \(names(actual))"]
            }
            return ["\(what): missing \(missing), extra \(extra)"]
        }
        return zip(expected, actual).flatMap { item($0, $1, in: what) }
    }

    private static func item(
        _ expected: ExpectedView.Item, _ actual: ExpectedView.Item, in what: String
    ) -> [String] {
        guard expected != actual else { return [] }
        let name = "\(what) \(expected.type)/\(expected.id)"
        var out: [String] = []
        func compare<T: Equatable>(_ member: String, _ left: T, _ right: T) {
            if left != right { out.append("\(name) \(member): expected \(left), answered \(right)") }
        }
        compare("position", expected.position, actual.position)
        compare("recorded", expected.recorded, actual.recorded)
        compare("effective", expected.effective, actual.effective)
        compare("source", expected.source, actual.source)
        compare("rule", expected.rule, actual.rule)
        compare("basis", expected.basis, actual.basis)
        compare("resource", expected.resource?.text(), actual.resource?.text())
        compare("previous", expected.previous, actual.previous)
        return out
    }
}
