/// Permit or withhold, by which rule, on what basis.
struct Verdict: Equatable {
    var permit: Bool
    var rule: String
    var basis: [UInt64]

    static func withhold(_ rule: String, _ basis: [UInt64?]) -> Verdict {
        Verdict(permit: false, rule: rule, basis: sorted(basis))
    }

    static func permit(_ rule: String, _ basis: [UInt64?]) -> Verdict {
        Verdict(permit: true, rule: rule, basis: sorted(basis))
    }

    private static func sorted(_ basis: [UInt64?]) -> [UInt64] {
        Array(Set(basis.compactMap { $0 })).sorted()
    }
}
