import CareRecord

/// What intake makes of one source message: its exact bytes, and the items derived from them by subject.
///
/// About a patient, there is exactly one subject. A message that names no patient has a subject for each
/// resource.
public struct MessageDraft: Sendable {
    /// Its subject is the first of `subjects`. Its message id is empty where the message has none.
    public var meta: MessageMeta
    /// The message exactly as sent.
    public var raw: [UInt8]
    public var subjects: [SubjectDraft]
    /// What it says beside its resources, or what they say of whose care the patient is in.
    public var events: [FeedEvent] = []
    /// Entries that make nothing, since what they would create is held already; by number, ascending.
    public var standing: [StandingEntry] = []

    /// Whom it names beside its subject: of a merge or a link, the other.
    public var others: [SubjectID] {
        var out: [SubjectID] = []
        for event in events {
            let named: [SubjectID] =
                switch event {
                case .visit, .care: []
                case .merged(let a, let b), .linked(let a, let b, _), .unlinked(let a, let b): [a, b]
                case .review(_, let a, let b): [a] + [b].compactMap(\.self)
                }
            for subject in named where subject != meta.subject && !out.contains(subject) {
                out.append(subject)
            }
        }
        return out
    }

    public var namesTwo: Bool { !events.isEmpty && !others.isEmpty }
}
