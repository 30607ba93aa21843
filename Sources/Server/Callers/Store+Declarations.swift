import CareRecord
import Ciphers
import EventLog
import Intake
import Projections
import Wire

extension Store {
    /// Records a caller's own declaration, and after it the alert that it raises: what `policy record` does for the same user. What it
    /// answers does not depend on whether anybody knows the patient.
    ///
    /// - Throws: `ResourceRefusal`, recorded, where the role or the token does not reach it, or there is no reason; `StoreError`.
    public func declare(_ declaration: Declaration, by caller: Caller) throws -> Declared {
        let question = Receipt.Question.declaration
        func refusal(_ kind: ResourceRefusal.Kind, _ rule: String) throws(StoreError) -> any Error {
            let recorded = try recordFailure(of: caller, asking: question, rule: rule)
            return ResourceRefusal(kind: kind, position: recorded.position, receipt: recorded.receipt)
        }
        do {
            // A program has no word of its own, and a token for one patient says nothing of others.
            guard !caller.isSystem, let identity = caller.identity, let user = caller.viewer?.user,
                let organisation = identity.organisation
            else { throw try refusal(.scope, "scope") }
            let isReached = try caller.scopes.has(.user) || isContext(declaration.patient, of: caller)
            guard isReached else { throw try refusal(.scope, "scope") }
            guard identity.activities.contains(declaration.activity) else {
                throw try refusal(.refused(rule: Rule.activity.rawValue), Rule.activity.rawValue)
            }
            let settings = try regionDeclaration().settings
            let calendar = settings?.calendar ?? .london
            var fact = Self.fact(declaration, by: user, organisation)
            fact.id = try Self.declarationID()
            let period =
                declaration.duration ?? (fact.kind == .overrideDeclared ? settings?.overridePeriod : nil)
            if fact.kind == .overrideDeclared, period == nil {
                throw StoreError.usage("period: this region has none of its own, and an override has to end")
            }
            let draft = PatientFactDraft(fact: fact, line: 1, field: fact.kind.rawValue)
            guard
                let appended = try recordPolicy(
                    [draft], asker: Asker(systemUser: Self.systemUser, user: user))
            else { throw StoreError.usage("nothing was declared") }
            let recordedAt = try StoreError.translating { try log.header(at: appended.first).recordedAt }
            return Declared(
                id: fact.id ?? "", position: appended.first,
                expires: period.map { calendar.end(of: $0, from: recordedAt) })
        } catch let error as StoreError { throw try recorded(error, caller, question) }
    }

    private func isContext(_ patient: PatientReference, of caller: Caller) throws(StoreError) -> Bool {
        try isInContext(caller, self.patient(patient, at: catchUp().position))
    }

    private static func fact(
        _ declaration: Declaration, by user: String, _ organisation: String
    ) -> PatientFact {
        var fact: PatientFact
        switch declaration.what {
        case .override(let kind):
            fact = PatientFact(.overrideDeclared, patient: declaration.patient)
            fact.overrideKind = kind
        case .selfClaim:
            fact = PatientFact(.relationshipCreated, patient: declaration.patient)
            (fact.relationship, fact.org) = (.selfClaimed, organisation)
        }
        (fact.user, fact.recordedBy) = (user, user)
        (fact.reason, fact.duration) = (declaration.reason, declaration.duration)
        return fact
    }

    private static func declarationID() throws -> String {
        "declared-"
            + (try SecureRandom.salt()).prefix(8).map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined()
    }
}
