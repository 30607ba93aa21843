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
        for item in items where item.category != last {
            shown.formUnion(CategorySet(CollectionOfOne(item.category)))
            last = item.category
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

extension PreviousVersion {
    /// As the item's last member.
    func append(to out: inout [UInt8]) {
        out.append(contentsOf: #","previous":{"position":"#.utf8)
        out.append(contentsOf: String(position.value).utf8)
        out.append(contentsOf: #","recorded":""#.utf8)
        out.append(contentsOf: recordedAt.rfc3339Bytes)
        out.append(contentsOf: #"","resource":"#.utf8)
        out.append(contentsOf: resource)
        out.append(UInt8(ascii: "}"))
    }
}
