import CareRecord
import Wire

extension ViewAssembly {
    /// All that is held, before policy: the resources whole, each once, as `record` shows them; and the categories that a Patient among them
    /// carries parts of.
    public static func everything(
        _ records: [[CategoryRecord]]
    ) throws(ProjectionError) -> (items: [ViewItem], tombstones: [ViewItem], parts: CategorySet) {
        var held: [HeldItem] = []
        let buffers = records.map { $0.first?.buffers }
        for (subject, categories) in records.enumerated() {
            for record in categories {
                let bytes = record.buffers.bytes
                for version in record.versions {
                    let meta: ItemMetaPlaces
                    do throws(WireError) { meta = try ItemMetaPlaces(bytes.span, version.meta) } catch {
                        throw damaged(version, error)
                    }
                    held.append(
                        HeldItem(
                            subject: subject, version: version, meta: meta,
                            category: record.category == .cited ? .other : record.category))
                }
            }
        }
        held.sort { HeldItem.precedes($0, $1, buffers) }
        var items: [ViewItem] = []
        var tombstones: [ViewItem] = []
        var parts: CategorySet = []
        for item in held {
            guard let buffers = buffers[item.subject] else { continue }
            let bytes = buffers.bytes
            let source = bytes[item.meta.source(in: bytes.span)]
            let shown = ViewItem(
                item,
                ItemGround(
                    buffers, source: String(decoding: source, as: UTF8.self), rule: "record", basis: []))
            if item.version.isTombstone {
                tombstones.append(shown)
                continue
            }
            items.append(shown)
            guard item.meta.isType("Patient", in: bytes.span) else { continue }
            do throws(WireError) {
                for split in try ItemMetaView(item.meta, of: bytes).splits() {
                    parts.formUnion(CategorySet(split.category))
                }
            } catch { throw damaged(item.version, error) }
        }
        return (items, tombstones, parts)
    }
}
