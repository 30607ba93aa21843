import CareRecord
import EventLog
import Intake
import Wire

/// One message, read and understood or refused, on its way into the log.
struct PreparedMessage: Sendable {
    /// The organisation that it is from.
    var source: String
    var name: String
    var line: Int?
    var key: MessageKey
    var outcome: Outcome
    var ticket = 0
    /// The subject, numbers and relationships that it looks at, and that later messages must see as it leaves them.
    let tokens: Set<StreamToken>

    init(
        source: String, name: String, line: Int?, key: MessageKey, outcome: Outcome, ticket: Int = 0,
        _ keys: KeyStore
    ) {
        (self.source, self.name, self.line, self.key) = (source, name, line, key)
        (self.outcome, self.ticket) = (outcome, ticket)
        tokens = Self.identityTokens(outcome, keys)
    }

    enum Outcome: Sendable {
        case draft(MessageDraft)
        case reject(IntakeReject, raw: [UInt8])
    }

    /// Whether it says who its patient is.
    var assertsPatient: Bool {
        if case .draft(let draft) = outcome { draft.meta.patient != nil } else { false }
    }

    private static func identityTokens(_ outcome: Outcome, _ keys: KeyStore) -> Set<StreamToken> {
        guard case .draft(let draft) = outcome else { return [] }
        var tokens = careTokens(draft, keys)
        guard let patient = draft.meta.patient else { return tokens }
        tokens.insert(keys.token(of: .subject(draft.meta.subject)))
        for stated in patient.numbers { tokens.insert(keys.numberToken(stated.number)) }
        for local in patient.localIdentifiers {
            let subject = SubjectID(organisation: draft.meta.source, localID: local)
            tokens.insert(keys.token(of: .subject(subject)))
        }
        for event in draft.events {
            switch event {
            case .visit(let change):
                tokens.insert(
                    keys.token(
                        of: .subject(
                            SubjectID(organisation: draft.meta.source, localID: "visit/\(change.visit)"))))
            case .merged(let a, let b), .linked(let a, let b, _), .unlinked(let a, let b):
                for subject in [a, b] { tokens.insert(keys.token(of: .subject(subject))) }
            case .care, .review: break
            }
        }
        return tokens
    }

    /// What it says of whose care the patient is in, by the resource that says so.
    private static func careTokens(_ draft: MessageDraft, _ keys: KeyStore) -> Set<StreamToken> {
        var tokens: Set<StreamToken> = []
        for case .care(let statement) in draft.events {
            let name = SubjectID(organisation: draft.meta.source, localID: "care/\(statement.item)")
            tokens.insert(keys.token(of: .subject(name)))
        }
        return tokens
    }
}
