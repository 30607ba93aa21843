/// The facts that turn one declaration into another: what is new is signed or registered, what changed is amended,
/// what is gone is ended. In an order in which each fact's ground is already there; by id within a kind, so that the
/// same two declarations always give the same facts. Equal declarations give none.
public struct RegionDifference: Sendable {
    public private(set) var facts: [RegionFact] = []
    private let old: RegionDeclaration
    private let new: RegionDeclaration

    public static func facts(from old: RegionDeclaration, to new: RegionDeclaration) -> [RegionFact] {
        var difference = RegionDifference(old, new)
        difference.begin()
        difference.end()
        return difference.facts
    }

    private init(_ old: RegionDeclaration, _ new: RegionDeclaration) { (self.old, self.new) = (old, new) }

    private mutating func begin() {
        if let settings = new.settings, settings != old.settings { facts.append(.settings(settings)) }
        for (ods, organisation) in Self.sorted(new.organisations) {
            let reopened = old.closures[ods] != nil && new.closures[ods] == nil
            if old.organisations[ods] == nil || reopened {
                facts.append(.organisationOnboarded(organisation))
            } else if old.organisations[ods] != organisation {
                facts.append(.organisationChanged(organisation))
            }
        }
        for (ods, from) in Self.sorted(new.charters) where old.charters[ods] != from {
            facts.append(.charterSigned(CharterSignature(ods: ods, from: from)))
        }
        for (ods, licences) in Self.sorted(new.pools) where old.pools[ods] != licences {
            facts.append(.licencePool(LicencePool(ods: ods, licences: licences)))
        }
        for (ods, feed) in Self.sorted(new.feeds) where old.feeds[ods] != feed {
            facts.append(.feedDeclared(feed))
        }
        for (_, role) in Self.sorted(new.roles) where old.roles[role.code] != role {
            facts.append(.roleBaseline(role))
        }
        beginAgreements()
        beginUsers()
        for (id, set) in Self.sorted(new.exclusions) where old.exclusions[id] != set {
            facts.append(.exclusionSetPublished(set))
        }
        for (label, set) in Self.sorted(new.sensitivities) where old.sensitivities[label] != set {
            facts.append(.sensitivityPublished(set))
        }
        for (id, client) in Self.sorted(new.clients) where old.clients[id] != client {
            facts.append(.clientRegistered(client))
        }
    }

    private mutating func beginAgreements() {
        for (id, terms) in Self.sorted(new.agreements) {
            if let before = old.agreements[id] {
                if before != terms { facts.append(.agreementAmended(terms)) }
            } else {
                facts.append(.agreementSigned(terms))
            }
        }
        for id in new.suspended.sorted() where !old.suspended.contains(id) {
            facts.append(.agreementSuspended(RegionEnd(id: id)))
        }
        for id in old.suspended.sorted() where !new.suspended.contains(id) && new.agreements[id] != nil {
            facts.append(.agreementResumed(RegionEnd(id: id)))
        }
    }

    private mutating func beginUsers() {
        for (id, user) in Self.sorted(new.users) {
            guard let before = old.users[id] else {
                facts.append(.userRegistered(user))
                continue
            }
            // `from` says since when a user first registered counts: it is nothing that changes.
            var same = user
            same.from = before.from
            if same != before { facts.append(.userChanged(same)) }
        }
        for (_, licence) in Self.sorted(new.licences)
        where old.licences[.init(user: licence.user, id: licence.ods)] != licence {
            facts.append(.licenceAssigned(licence))
        }
        for (_, profile) in Self.sorted(new.profiles)
        where old.profiles[.init(user: profile.user, id: profile.id)] != profile {
            facts.append(.roleProfileAssigned(profile))
        }
    }

    private mutating func end() {
        for id in Self.gone(old.clients, new.clients) { facts.append(.clientEnded(RegionEnd(id: id))) }
        for key in Self.gone(old.profiles, new.profiles) {
            facts.append(.roleProfileRevoked(RegionEnd(id: key.id, user: key.user)))
        }
        for key in Self.gone(old.licences, new.licences) {
            facts.append(.licenceReleased(RegionEnd(id: key.id, user: key.user)))
        }
        for id in Self.gone(old.users, new.users) { facts.append(.userLeft(RegionEnd(id: id))) }
        for id in Self.gone(old.agreements, new.agreements) {
            facts.append(.agreementEnded(RegionEnd(id: id)))
        }
        for id in Self.gone(old.exclusions, new.exclusions) {
            facts.append(.exclusionSetEnded(RegionEnd(id: id)))
        }
        for id in Self.gone(old.sensitivities, new.sensitivities) {
            facts.append(.sensitivityEnded(RegionEnd(id: id)))
        }
        for id in Self.gone(old.roles, new.roles) { facts.append(.roleWithdrawn(RegionEnd(id: id))) }
        for id in Self.gone(old.feeds, new.feeds) { facts.append(.feedEnded(RegionEnd(id: id))) }
        for ods in Self.gone(old.pools, new.pools) {
            facts.append(.licencePool(LicencePool(ods: ods, licences: 0)))
        }
        for ods in Self.gone(old.charters, new.charters) { facts.append(.charterEnded(RegionEnd(id: ods))) }
        for (ods, closure) in Self.sorted(new.closures) where old.closures[ods] != closure {
            facts.append(.organisationClosed(closure))
        }
        for ods in Self.gone(old.organisations, new.organisations) where old.closures[ods] == nil {
            facts.append(.organisationClosed(OrganisationClosure(ods: ods)))
        }
    }

    private static func sorted<Key: Comparable, Value>(_ all: [Key: Value]) -> [(key: Key, value: Value)] {
        all.sorted { $0.key < $1.key }
    }

    private static func gone<Key: Comparable, Value>(_ old: [Key: Value], _ new: [Key: Value]) -> [Key] {
        old.keys.filter { new[$0] == nil }.sorted()
    }
}
