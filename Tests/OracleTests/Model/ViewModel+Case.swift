/// What is asked under a case: of it the store tells what it tells nobody else (DOMAIN, "Auditors see accesses, not records").
extension ViewModel {
    /// Whether the case is open for the patient now, whatever time a question is about: opened, not past its expiry, and not closed.
    func isOpen(_ reference: String, for patient: PatientName) -> Bool {
        let identity = Identity(
            events: events, placeholders: RegionAsOf(events: events)?.last.placeholders ?? [])
        let facts = PatientFactsAsOf(
            events: events, identity: identity, patient: identity.patient(patient), asked: patient)
        return facts.inForce(.caseOpened, endedBy: .caseClosed, at: clock).contains {
            $0.fact.id == reference
        }
    }
}
