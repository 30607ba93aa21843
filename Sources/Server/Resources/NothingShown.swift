import EventLog
import Projections
import Wire

/// Why a question shows nothing, before that is recorded: whoever asked is told only once it is.
struct NothingShown: Error {
    /// A view that shows nothing, and what its receipt is made of.
    struct View {
        var answer: ViewAnswer
        var draft: ReceiptDraft
        var policy: Position
        var head: LogHead
    }

    var kind: ResourceRefusal.Kind
    /// What the receipt says; nil: what the view decided.
    var rule: String?
    /// Nil where it came to no decision about a patient.
    var view: View?

    init(_ kind: ResourceRefusal.Kind, rule: String? = nil, of decided: Store.DecidedView? = nil) {
        (self.kind, self.rule) = (kind, rule)
        view = decided.map {
            View(answer: $0.answer, draft: $0.draft, policy: $0.policy, head: $0.head)
        }
    }

    static let scope = NothingShown(.scope, rule: Store.scopeRule)
    /// Of a question that is about nobody known.
    static let nobody = NothingShown(.notFound, rule: ResourceRefusal.notFoundRule)
}
