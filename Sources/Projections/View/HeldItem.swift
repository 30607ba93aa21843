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

    var isProvenance: Bool { meta.type.elementsEqual("Provenance".utf8) }

    /// `Type/id` within Daybook.
    var reference: String {
        String(decoding: meta.type, as: UTF8.self) + "/" + String(decoding: meta.daybookID, as: UTF8.self)
    }

    /// Category, then type, then id, in byte order.
    static func precedes(_ a: HeldItem, _ b: HeldItem) -> Bool {
        if a.category != b.category { return a.category < b.category }
        let byType = compare(a.meta.type, b.meta.type)
        if byType != 0 { return byType < 0 }
        let byID = compare(a.meta.daybookID, b.meta.daybookID)
        return byID != 0 ? byID < 0 : a.subject < b.subject
    }

    private static func compare(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
        a.withUnsafeBytes { x in
            b.withUnsafeBytes { y in
                for i in 0..<min(x.count, y.count) where x[i] != y[i] { return x[i] < y[i] ? -1 : 1 }
                return x.count - y.count
            }
        }
    }
}
