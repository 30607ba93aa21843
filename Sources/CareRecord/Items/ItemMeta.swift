import Wire

/// What policy, views and search must know of an item without reading its content. Stored beside the content
/// in the event, as intake found it: views never depend on later mapping code.
public struct ItemMeta: Hashable, Sendable {
    public enum Operation: UInt8, Hashable, Sendable, CaseIterable {
        case upsert = 1
        case delete = 2
        case enteredInError = 3
    }

    public var operation: Operation
    /// The FHIR resource type.
    public var type: String
    /// The id as the source sent it; empty where it sent none.
    public var sourceID: String
    /// The id within Daybook: unique among the resources of its type.
    public var daybookID: String
    public var category: Category
    /// When the source says it said so; nil means the time of arrival.
    public var asserted: Instant?
    /// A FHIR date, dateTime or instant exactly as sent: when it was clinically true.
    public var effective: String?
    public var status: String?
    /// Every code an exclusion set or a label must see.
    public var codes: [Coding]
    /// What this item cites, as `Type/id` with Daybook ids.
    public var references: [String]
    /// Parts of other categories, ascending and apart.
    public var splits: [ItemSplit]

    public init(
        operation: Operation, type: String, sourceID: String, daybookID: String, category: Category,
        asserted: Instant? = nil, effective: String? = nil, status: String? = nil, codes: [Coding] = [],
        references: [String] = [], splits: [ItemSplit] = []
    ) {
        self.operation = operation
        self.type = type
        self.sourceID = sourceID
        self.daybookID = daybookID
        self.category = category
        self.asserted = asserted
        self.effective = effective
        self.status = status
        self.codes = codes
        self.references = references
        self.splits = splits
    }

    /// `Type/id` with the Daybook id.
    public var reference: String { "\(type)/\(daybookID)" }
}
