import CareRecord
import Wire

/// One item of a patient's record at a position, before policy. Its meta is read in place: a view has thousands of them a second.
struct HeldItem: Sendable {
    /// Index into the union's subjects.
    var subject: Int
    var version: RecordVersion
    var meta: ItemMetaView
    /// The category it is decided and shown under: of a cited resource, what cites it.
    var category: Category
    /// JSON of the resource, or of the part of it that belongs to the category.
    var content: ArraySlice<UInt8>

    var isProvenance: Bool { meta.isType("Provenance") }

    /// `Type/id` within Daybook.
    var reference: String {
        String(decoding: meta.type, as: UTF8.self) + "/" + String(decoding: meta.daybookID, as: UTF8.self)
    }

    /// Category, then type, then id, in byte order.
    static func precedes(_ a: HeldItem, _ b: HeldItem) -> Bool {
        if a.category != b.category { return a.category < b.category }
        let order = ItemMetaView.order(a.meta, b.meta)
        return order != 0 ? order < 0 : a.subject < b.subject
    }
}
