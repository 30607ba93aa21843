import CareRecord
import Projections
import Wire

/// What an auditor asks over HTTP: the same questions as on the command line.
public struct AuditRequest: Sendable {
    public enum Question: Sendable {
        /// What `user` could see; each with `at`.
        case view(Sight, at: When, knownAt: When?)
        case explain(Sight, at: When, knownAt: When?, item: String?)
        case diff(Sight, from: When, to: When)
        /// All that is held, before policy.
        case record(PatientReference, at: When?)
        case accesses(
            patient: PatientReference?, user: String?, from: When?, to: When?, after: Position?, count: Int)
        /// One receipt, by its position.
        case access(Position)
    }

    /// Whose sight of which patient, as what and why.
    public struct Sight: Sendable {
        public var user: String
        public var patient: PatientReference
        public var purpose: String
        public var profile: String?

        public init(user: String, patient: PatientReference, purpose: String, profile: String?) {
            (self.user, self.patient, self.purpose, self.profile) = (user, patient, purpose, profile)
        }
    }

    public var question: Question
    public var caseReference: String?

    public init(_ question: Question, caseReference: String? = nil) {
        (self.question, self.caseReference) = (question, caseReference)
    }
}

extension AuditRequest {
    var receiptQuestion: Receipt.Question {
        switch question {
        case .view: .view
        case .explain: .explain
        case .diff: .diff
        case .record: .record
        case .accesses, .access: .trail
        }
    }

    /// Whose sight is asked about.
    var sight: Sight? {
        switch question {
        case .view(let sight, _, _), .explain(let sight, _, _, _), .diff(let sight, _, _): sight
        default: nil
        }
    }

    var patient: PatientReference? {
        switch question {
        case .record(let patient, _): patient
        case .accesses(let patient, _, _, _, _, _): patient
        default: sight?.patient
        }
    }

    /// Whether it is about the sight of whoever asks, and under no case.
    func isOwnSight(of user: String?) -> Bool {
        caseReference == nil && user != nil && sight?.user == user
    }

    func view(at when: When, knownAt: When? = nil, _ sight: Sight, _ asker: Asker) -> ViewRequest {
        var view = ViewRequest(
            user: sight.user, patient: sight.patient, at: when, knownAt: knownAt, purpose: sight.purpose,
            profile: sight.profile, caseReference: caseReference, asker: asker)
        view.isInOwnRight = isOwnSight(of: asker.user)
        return view
    }

    /// The question in one line, for the receipt of a refusal.
    func query(_ asker: Asker) -> String {
        switch question {
        case .view(let sight, let at, let known):
            return view(at: at, knownAt: known, sight, asker).canonicalQuery
        case .explain(let sight, let at, let known, let item):
            let view = view(at: at, knownAt: known, sight, asker)
            return "explain" + view.canonicalQuery.dropFirst(4) + (item.map { " item=\($0)" } ?? "")
        case .diff(let sight, let from, let to):
            return
                "diff as=\(sight.user) patient=\(sight.patient) from=\(from) to=\(to) purpose=\(sight.purpose)"
        case .record(let patient, let at):
            return "record patient=\(patient) at=\(at.map(\.description) ?? "now")"
        case .accesses: return trail(asker)?.query ?? ""
        case .access(let position): return "access show \(position)"
        }
    }

    func trail(_ asker: Asker) -> TrailRequest? {
        guard case .accesses(let patient, let user, let from, let to, let after, let count) = question else {
            return nil
        }
        return TrailRequest(
            patient: patient, user: user, from: from, to: to, after: after, count: count, asker: asker)
    }
}
