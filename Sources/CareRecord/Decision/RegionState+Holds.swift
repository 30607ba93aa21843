import Wire

extension RegionState {
    /// The legal holds in force among a patient's facts: while there is one, nothing of the patient's may be erased.
    public func legalHolds(_ facts: PatientFacts) -> [Position] {
        PatientRules(facts, state: self).inForce(.legalHold).map(\.position)
    }
}
