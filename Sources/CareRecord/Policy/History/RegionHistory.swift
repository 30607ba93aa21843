import Wire

/// Every fact of region policy, kept so that the policy at any point can be asked.
///
/// A value: copies share storage until one of them takes another fact. A decision hands it about a dozen times: a copy is one reference.
public struct RegionHistory: Sendable {
    /// `@unchecked` because the facts change only while nobody else refers to them.
    private final class Storage: @unchecked Sendable {
        var facts: Facts
        init(_ facts: Facts) { self.facts = facts }
    }

    private var storage = Storage(Facts())

    public init() {}

    /// Takes the next fact in. Positions ascend: a fact at or before the head is a programming error.
    public mutating func append(_ fact: RegionFact, position: Position, recordedAt: Instant) {
        if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.facts) }
        storage.facts.append(fact, position: position, recordedAt: recordedAt)
    }

    /// The policy as it stands at the point.
    public func state(at point: DecisionPoint) -> RegionState { RegionState(history: self, point: point) }

    /// The last fact's position; `start` before the first.
    public var head: Position { storage.facts.head }
    /// What all the facts so far add up to: what a new region file is compared with.
    public var declaration: RegionDeclaration { storage.facts.declaration }

    var settings: Versions<RegionSettings> { storage.facts.settings }
    var calendars: [String: StoreCalendar] { storage.facts.calendars }
    var organisations: [String: OrganisationHistory] { storage.facts.organisations }
    var agreements: [String: AgreementHistory] { storage.facts.agreements }
    var users: [String: UserHistory] { storage.facts.users }
    var roles: [String: Versions<RoleBaseline>] { storage.facts.roles }
    var exclusions: [String: Versions<CodeSetVersion>] { storage.facts.exclusions }
    var sensitivities: [String: Versions<CodeSetVersion>] { storage.facts.sensitivities }
    var clients: [String: Versions<ClientDetails>] { storage.facts.clients }
}
