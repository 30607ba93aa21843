/// What a decision must know of an item.
public struct ItemDescriptor: Hashable, Sendable {
    /// ODS code of the source.
    public var source: String
    public var category: Category
    public var codes: [Coding]
    /// Index into the union's subjects.
    public var subject: Int
    public var type: String
    /// As the source sent it.
    public var sourceID: String
    public var daybookID: String

    public init(
        source: String, category: Category, codes: [Coding] = [], subject: Int = 0,
        type: String = "", sourceID: String = "", daybookID: String = ""
    ) {
        self.source = source
        self.category = category
        self.codes = codes
        self.subject = subject
        self.type = type
        self.sourceID = sourceID
        self.daybookID = daybookID
    }

    public init(_ meta: ItemMeta, source: String, subject: Int, category: Category? = nil) {
        self.init(
            source: source, category: category ?? meta.category, codes: meta.codes, subject: subject,
            type: meta.type,
            sourceID: meta.sourceID, daybookID: meta.daybookID)
    }
}
