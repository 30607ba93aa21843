/// What is asked under a case: of it the store tells what it tells nobody else (DOMAIN, "Auditors see accesses, not records").
extension ViewModel {
    /// Whether the case is open for the patient now, whatever time a question is about: opened, not past its expiry, and not closed.
    func isOpen(_ reference: String, for patient: PatientName) -> Bool {
        let identity = Identity(
            events: events, placeholders: RegionAsOf(events: events)?.last.placeholders ?? [])
        let facts = PatientFactsAsOf(
            events: events, identity: identity, patient: identity.patient(patient), asked: patient)
        return facts.of(.caseOpened).contains { opened in
            guard opened.fact.id == reference, PatientFactsAsOf.covers(opened, clock) else { return false }
            return !facts.of(.caseClosed).contains { closed in
                guard closed.fact.id == reference, closed.position > opened.position else { return false }
                let end = closed.fact.to.map { LondonCalendar.end(of: $0) }
                return end.map { clock > $0 } ?? (clock >= closed.time)
            }
        }
    }
}
