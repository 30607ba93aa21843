/// A part of an item that belongs to another category than the item: Patient only.
///
/// The range counts bytes of the item's content and includes the comma that goes with the member, so that
/// taking out any or all of an item's splits leaves valid JSON.
public struct ItemSplit: Hashable, Sendable {
    public var category: Category
    public var start: Int
    public var end: Int

    public init(category: Category, start: Int, end: Int) {
        (self.category, self.start, self.end) = (category, start, end)
    }

    public var range: Range<Int> { start..<end }
}
