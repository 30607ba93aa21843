extension RegionState {
    /// The references of the cases open for a patient at the point.
    public func openCases(_ facts: PatientFacts) -> Set<String> {
        Set(PatientRules(facts, state: self).inForce(.caseOpened).compactMap(\.fact.id))
    }
}
