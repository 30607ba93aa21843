import CareRecord
import Intake

/// The categories of which an answer shows nothing. Never "there are none": what was not sent and what may not be shown
/// are one list, so that neither can be told from the other.
public struct AbsentCategories: Hashable, Sendable {
    public static let words = "none received that may be shown; this does not mean that there are none"

    public var categories: [Category]

    /// - Parameters:
    ///   - granted: those the viewer's role has: of others nothing is said.
    ///   - items: what is shown, in the order of categories.
    public init(of granted: CategorySet, besides items: [ViewItem]) {
        var shown: CategorySet = []
        var last: Category?
        for index in items.indices where items[index].category != last {
            let category = items[index].category
            shown.formUnion(CategorySet(category))
            last = category
        }
        categories = granted.subtracting(shown).categories
    }

    func write(into w: inout JSONWriter) {
        w.key("absent")
        w.object { w in
            w.member("means", Self.words)
            w.key("categories")
            w.array { w in for category in categories { w.string(category.name) } }
        }
    }
}
