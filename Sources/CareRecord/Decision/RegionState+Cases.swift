extension RegionState {
    /// The references of the cases open for a patient at the point.
    public func openCases(_ facts: PatientFacts) -> Set<String> {
        let rules = PatientRules(facts, state: self)
        return Set(rules.inForce(.caseOpened).compactMap { rules.entries[$0.index].fact.id })
    }

    /// Whether a shield on any of the patient's subjects is in force at the point.
    public func isShielded(_ facts: PatientFacts) -> Bool {
        !PatientRules(facts, state: self).set(.shieldSet, clearedBy: .shieldCleared).isEmpty
    }

    /// Whether a role of the user's in force is of the workgroup that applied the seal.
    public func isAuthor(_ user: String, of seal: PatientFact) -> Bool {
        profilesInForce(of: user).contains { $0.isAuthor(of: seal) }
    }

    /// What any role of the user's in force may do.
    public func activities(of user: String) -> Set<String> {
        guard self.user(user).terms != nil else { return [] }
        return Set(profilesInForce(of: user).flatMap { role($0.code).terms?.activities ?? [] })
    }

    private func profilesInForce(of user: String) -> [RoleProfile] {
        profiles(of: user).compactMap { profile(user: user, id: $0).terms }
    }
}

extension RoleProfile {
    /// A seal without a workgroup is its whole organisation's; one that names nobody is nobody's.
    func isAuthor(of seal: PatientFact) -> Bool {
        guard let by = seal.by, by == org else { return false }
        return seal.workgroup.map { workgroups.contains($0) } ?? true
    }
}
