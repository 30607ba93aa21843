extension RegionSpec {
    /// The files that the region file names.
    func beside(_ name: String) -> [UInt8]? {
        guard name == "below.csv", let terminology else { return nil }
        return Array(("code,parent\n" + terminology.map { "\($0.code),\($0.parent)\n" }.joined()).utf8)
    }

    /// Whether a set means a code: one it lists, or, where it asks for those below, one from which a listed one is reached by
    /// going up.
    func isIn(_ set: CodeSet, _ code: String) -> Bool {
        if set.codes.contains(code) { return true }
        guard set.descendants, let terminology else { return false }
        var reached = [code]
        var next = 0
        while next < reached.count {
            let parents = terminology.filter { $0.code == reached[next] }.map(\.parent)
            reached += parents.filter { !reached.contains($0) }
            next += 1
        }
        return reached.contains(where: set.codes.contains)
    }

    /// The policy that the files come to: a terminology counts for the sets that ask for it, by what is below their codes.
    var inEffect: (RegionSpec, below: [[String]]) {
        var policy = self
        policy.terminology = nil
        let codes = Set((terminology ?? []).flatMap { [$0.code, $0.parent] })
        let below = (exclusions + sensitivities).map { set -> [String] in
            guard set.descendants, terminology != nil else { return ["as listed"] }
            return codes.filter { isIn(set, $0) && !set.codes.contains($0) }.sorted()
        }
        return (policy, below)
    }
}
