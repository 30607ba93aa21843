extension RegionState {
    /// Whether an agreement known by the point names the organisation as its controller, in force or not.
    public func controlsAgreement(_ ods: String) -> Bool {
        (history.organisations[ods]?.agreements ?? []).contains { id in
            history.agreements[id]?.terms.found(at: point)?.version.terms.controller == ods
        }
    }
}
