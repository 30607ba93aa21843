import CareRecord
import Projections
import Wire

extension ViewAnswer {
    mutating func refuse(_ rule: Rule, _ basis: [Position]) {
        permitted = false
        self.rule = rule.rawValue
        self.basis = basis
    }

    /// Leaves what an audit may see: category, source, times, rule.
    mutating func removeContent() {
        for index in items.indices {
            items[index].reference = ""
            items[index].resource = nil
            items[index].previous = nil
        }
        for index in tombstones.indices { tombstones[index].reference = "" }
    }

    /// Leaves what an organisation's own privacy officer may see of others' users: what concerns its items.
    mutating func restrict(to organisation: String) {
        items.removeAll { $0.source != organisation }
        tombstones.removeAll { $0.source != organisation }
        (withheld, sealed) = (nil, nil)
    }

    /// Of a shielded patient: no source, no id that begins with one, and no events that would lead to one.
    mutating func hideLocation(_ opaque: ItemRedaction.Opaque) {
        shield = .locationWithheld
        items = items.map { $0.withoutSource(opaque) }
        tombstones = tombstones.map { $0.withoutSource(opaque) }
        sealed = sealed.map { $0.isEmpty ? [:] : ["": $0.values.reduce(0, +)] }
        guard let all = withheld else { return }
        var left: [ReceiptDetail.Withheld] = []
        for entry in all {
            if let same = left.firstIndex(where: { $0.category == entry.category && $0.rule == entry.rule }) {
                left[same].count += entry.count
            } else {
                var entry = entry
                entry.basis = []
                left.append(entry)
            }
        }
        withheld = left
    }
}

extension Receipt.Person {
    init(_ identity: ViewerIdentity) {
        self.init(
            user: identity.user, name: identity.name, profile: identity.profile, role: identity.role,
            roleName: identity.roleName, organisation: identity.organisation,
            organisationName: identity.organisationName, workgroups: identity.workgroups)
    }
}

extension ViewRequest {
    /// The question in one line, as its receipt keeps it.
    var canonicalQuery: String {
        var out = ""
        // Made for every view: one piece of memory for all of it.
        out.reserveCapacity(192)
        out += "view as="
        out += user
        out += " patient="
        out += patient.description
        out += " at="
        out += at.map(\.description) ?? "now"
        if let knownAt {
            out += " known-at="
            out += knownAt.description
        }
        out += " purpose="
        out += purpose
        out += " role="
        out += profile ?? ""
        return out
    }
}
