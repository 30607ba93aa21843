import CareRecord
import Ciphers
import EventLog
import Wire

/// SHA-256 of the resources of a source update, as answers show them where nothing was taken out. For a receipt's digest to be held against.
public struct ShownDigests: Sendable {
    /// One resource of the event.
    public struct Item: Sendable {
        /// As a record shows it.
        public var whole: Digest
        /// As a view shows it: a Patient without the members of other categories, and each of those by itself.
        public var own: Digest
        public var parts: [Category: Digest] = [:]
        /// Whether it has text that an exclusion set may take out.
        public var hasNarrative: Bool
        /// `Type/id` of what it refers to.
        public var references: [String]
        /// Whether the event says more than one thing of it: which one counts depends on when it was said.
        public var isRepeated = false
    }

    /// By `Type/id` within Daybook. Deletions show nothing.
    public private(set) var items: [String: Item] = [:]

    /// - Returns: nil once the event's person was erased.
    /// - Throws: `record` where it is no source update, or does not decode.
    public init?(of record: StoredRecord, _ opener: RecordOpener) throws(ProjectionError) {
        guard record.header.recordClass == .sourceUpdate else {
            throw .record(record.header.position, what: "it is no source update")
        }
        do throws(ProjectionError) {
            try opener.forEachItem(of: record) { meta, content in
                guard meta.operation == .upsert else { return }
                var item = Self.item(meta, content)
                item.isRepeated = items[meta.reference] != nil
                items[meta.reference] = item
            }
        } catch .keyDestroyed { return nil }
    }

    private static func item(_ meta: ItemMeta, _ content: ArraySlice<UInt8>) -> Item {
        let whole = SHA256.hash(content)
        var item = Item(
            whole: whole, own: whole, hasNarrative: content.contains(bytes: Array(#""div""#.utf8)),
            references: meta.references)
        guard meta.type == "Patient", !meta.splits.isEmpty else { return item }
        let parts = PatientParts(content: content, splits: meta.splits)
        item.own = SHA256.hash(parts.demographics)
        for category in parts.categories {
            item.parts[category] = SHA256.hash(parts.part(category, id: meta.daybookID))
        }
        return item
    }
}
