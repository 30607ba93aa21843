/// Permit or withhold, by which rule, on what basis.
struct Verdict: Equatable {
    var permit: Bool
    var rule: String
    var basis: [UInt64]
    /// What may be told of a withholding: `counted`, `sealed item`, or `nothing`.
    var told = "counted"
    /// What must be taken out of what is shown: `narrative`, `location`.
    var without: [String] = []

    static func withhold(_ rule: String, _ basis: [UInt64?]) -> Verdict {
        Verdict(permit: false, rule: rule, basis: sorted(basis))
    }

    static func permit(_ rule: String, _ basis: [UInt64?]) -> Verdict {
        Verdict(permit: true, rule: rule, basis: sorted(basis))
    }

    func telling(_ told: String) -> Verdict {
        var out = self
        out.told = told
        return out
    }

    private static func sorted(_ basis: [UInt64?]) -> [UInt64] {
        Array(Set(basis.compactMap { $0 })).sorted()
    }
}
