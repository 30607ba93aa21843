/// Histories in which much is shown: what a random one lets nobody see tests no answer.
extension History {
    /// Changes of policy, and of the region, that are kept: each takes something away from somebody.
    private static let policies = 8
    private static let regions = 2

    /// As a random one, in its order, but that every user has a relationship with everybody and asked them before anything is sent, and
    /// that more is sent for each change of policy. What random policy takes away afterwards is away.
    static func served(seed: UInt64, length: Int = 100) -> History {
        var history = History(seed: seed, length: length)
        guard case .region(let region)? = history.steps.first else { return history }
        var (policies, regions) = (0, 0)
        history.steps.removeAll { step in
            switch step {
            case .policy:
                policies += 1
                return policies > Self.policies
            case .region:
                regions += 1
                return regions > Self.regions
            case .compare, .find, .review, .reopen: return true
            default: return false
            }
        }
        // Cases are an operator's, and over HTTP everybody asks for themselves.
        history.steps = history.steps.map { step in
            guard case .ask(var question) = step else { return step }
            question.caseReference = nil
            return .ask(question)
        }
        history.steps.insert(.policy(sharing(history, region)), at: 1)
        return history
    }

    private static func sharing(_ history: History, _ region: RegionSpec) -> [FactSpec] {
        var patients: [String] = []
        for case .ask(let question) in history.steps {
            if case .number(let number) = question.patient, !patients.contains(number) {
                patients.append(number)
            }
        }
        var facts: [FactSpec] = []
        for number in patients {
            for user in region.users {
                for organisation in Set(user.profiles.map(\.organisation)).sorted() {
                    facts.append(
                        FactSpec(
                            kind: .relationshipCreated, id: "served-\(facts.count)", patient: .number(number),
                            from: "2017-06-01", organisation: organisation, word: "registration"))
                }
                facts.append(
                    FactSpec(
                        kind: .permissionToView, patient: .number(number), to: "2030-01-01", user: user.id,
                        word: "asked"))
            }
        }
        return facts
    }
}
