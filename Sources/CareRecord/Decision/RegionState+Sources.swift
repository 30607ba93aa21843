extension RegionState {
    /// Whether an agreement known by the point names the organisation as its controller, in force or not.
    public func controlsAgreement(_ ods: String) -> Bool {
        let all = history.agreements
        return (history.organisations[ods]?.agreements ?? []).contains { id in
            guard let terms = all[id]?.terms, let place = terms.place(at: point) else { return false }
            return terms.spans[place.span].versions[place.version].terms.controller == ods
        }
    }
}
