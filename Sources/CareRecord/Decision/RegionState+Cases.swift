extension RegionState {
    /// The references of the cases open for a patient at the point.
    public func openCases(_ facts: PatientFacts) -> Set<String> {
        let rules = PatientRules(facts, state: self)
        return Set(rules.inForce(.caseOpened).compactMap { rules.entries[$0.index].fact.id })
    }
}
