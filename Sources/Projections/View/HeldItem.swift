import CareRecord
import Wire

/// One item of a patient's record at a position, before policy.
struct HeldItem: Sendable {
    /// Index into the union's subjects.
    var subject: Int
    var version: RecordVersion
    var meta: ItemMeta
    /// The category it is decided and shown under: of a cited resource, what cites it.
    var category: Category
    /// JSON of the resource, or of the part of it that belongs to the category.
    var content: ArraySlice<UInt8>

    /// The source's ODS code: what stands before the first dot of the id (no ODS code has a dot).
    var source: String { String(meta.daybookID.prefix { $0 != "." }) }

    /// Category, then type, then id, in byte order.
    static func precedes(_ a: HeldItem, _ b: HeldItem) -> Bool {
        if a.category != b.category { return a.category < b.category }
        if a.meta.type != b.meta.type { return a.meta.type.utf8.lexicographicallyPrecedes(b.meta.type.utf8) }
        if a.meta.daybookID != b.meta.daybookID {
            return a.meta.daybookID.utf8.lexicographicallyPrecedes(b.meta.daybookID.utf8)
        }
        return a.subject < b.subject
    }
}
