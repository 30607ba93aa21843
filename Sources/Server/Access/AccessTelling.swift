import CareRecord
import EventLog
import Projections
import Wire

/// What a named reader of the trail is told of a receipt: no more than over FHIR. A store's owner, who has every byte of it, is told all.
struct AccessTelling {
    let store: Store
    let reach: Store.TrailReach
    /// The user who reads.
    let user: String?
    /// The patient whom they named, where they named one.
    let asked: PatientReference?
    /// That is a shielded patient, by another name than their number.
    let isConcealed: Bool
    let shields: TrailShields

    init(
        _ store: Store, _ reach: Store.TrailReach, _ asker: Asker, of asked: PatientReference?,
        _ head: LogHead
    )
        throws(StoreError)
    {
        (self.store, self.reach, self.asked) = (store, reach, asked)
        (user, shields) = (asker.user, TrailShields(store, head))
        if !reach.isOwner, !reach.seesShielded, let asked, !asked.isNumber {
            isConcealed = try store.isShielded(try store.patient(asked, at: head.position), head)
        } else {
            isConcealed = false
        }
    }

    /// - Returns: nil where the receipt itself is not told.
    func told(_ access: Access) throws -> Access? {
        guard reach.covers(access.receipt) else { return nil }
        if reach.isOwner { return access }
        // By a local id a shielded patient is nobody: what was asked by that id is all there is of anybody unknown.
        if isConcealed {
            guard access.detail?.patient == asked?.description,
                !access.receipt.permitted || access.receipt.question == .trail
            else { return nil }
        }
        var access = access
        // Whose it is, and that it is anybody's, is told least of all to those who asked.
        if isHidden(access) { return nil }
        if access.isLookUp, asked == nil { access.forgetWhatWasFound() }
        access.receipt.rule = access.toldRule(named: asked != nil)
        if !reach.knowsWithheld {
            access.tellsWithheld = false
            access.detail?.withheld = []
        }
        if !reach.seesShielded, try isAboutShielded(access) { access.forgetPlaces() }
        return access
    }

    /// What the reader looked for and was told is not there, in the trail of the patient whose it is: not told, and not counted either.
    func isHidden(_ access: Access) -> Bool {
        !reach.isOwner && asked != nil && access.isLookUp && access.receipt.viewer?.user == user
    }

    private func isAboutShielded(_ access: Access) throws -> Bool {
        for subject in access.receipt.subjects {
            let name = try store.subjectName(of: subject)
            if name.organisation != Store.erasedOrganisation, try shields.isShielded(name) { return true }
        }
        return false
    }
}

extension Access {
    /// Whoever asked named a resource alone and was told that it is not there.
    var isLookUp: Bool {
        !receipt.permitted && [.read, .history].contains(receipt.question) && (detail?.patient ?? "").isEmpty
    }

    /// The rule as the asker was told it: to those who name the patient themselves, as it was. Nobody is told that nobody is known.
    func toldRule(named: Bool) -> String {
        if receipt.rule == Rule.unknownPatient.rawValue { return Rule.relationship.rawValue }
        guard !named, isLookUp, !Self.openRules.contains(receipt.rule) else { return receipt.rule }
        return ResourceRefusal.notFoundRule
    }

    /// Rules that do not depend on what is held.
    private static let openRules: Set<String> = [
        Store.scopeRule, Activity.viewAudit, ResourceRefusal.badRequestRule, ResourceRefusal.busyRule,
        ResourceRefusal.failedRule,
    ]

    /// A look-up that found something not to be told of becomes what one is that found nothing.
    fileprivate mutating func forgetWhatWasFound() {
        receipt.query = detail?.query ?? receipt.query
        (receipt.basis, receipt.sources, receipt.subjects, receipt.overrides) = ([], [], [], [])
        (receipt.shown, receipt.withheld, receipt.known) = (0, 0, nil)
        (receipt.items, receipt.body) = (.zero, .zero)
        detail = nil
    }

    /// Where a shielded patient is: the sources of what was shown, and an id that begins with one.
    fileprivate mutating func forgetPlaces() {
        receipt.sources = []
        guard let asked = detail?.patient, PatientReference(asked)?.isNumber != true else { return }
        detail?.patient = ""
        detail?.query = ""
        receipt.query = nil
    }
}
