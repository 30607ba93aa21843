import CareRecord
import Wire

/// One item of a patient's record at a position, before policy: places in its subject's bytes, and no reference. A view has thousands of
/// them a second.
struct HeldItem: Sendable {
    /// Index into the union's subjects.
    var subject: Int
    var version: RecordVersion
    var meta: ItemMetaPlaces
    /// The category it is decided and shown under: of a cited resource, what cites it.
    var category: Category
    /// Of a Patient's part: which of the assembly's made contents it is; else nil, and the version's own is served.
    var part: Int?

    /// Category, then type, then id, in byte order.
    static func precedes(_ a: HeldItem, _ b: HeldItem, _ buffers: [RecordBuffers?]) -> Bool {
        if a.category != b.category { return a.category < b.category }
        guard let x = buffers[a.subject]?.bytes, let y = buffers[b.subject]?.bytes else {
            return a.subject < b.subject
        }
        let order = ItemMetaPlaces.order(a.meta, x.span, b.meta, y.span)
        return order != 0 ? order < 0 : a.subject < b.subject
    }
}

/// An item and what was decided of it, as numbers of the assembly's tables.
struct DecidedItem: Sendable {
    var item: HeldItem
    var source: Int
    var decision: Int
}
