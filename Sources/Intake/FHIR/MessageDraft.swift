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
}
