import CareRecord
import Wire

extension ViewAssembly {
    /// Every item held and not gone, in order, with what was decided of it.
    public func outcomes() throws(ProjectionError) -> [ItemOutcome] {
        var out: [ItemOutcome] = []
        for entry in decided where !entry.item.version.isTombstone {
            let item = entry.item
            do throws(WireError) {
                let meta = try ItemMeta(decoding: meta(of: item).bytes)
                out.append(
                    ItemOutcome(
                        item: ItemDescriptor(
                            meta, source: sources[entry.source].name, subject: item.subject,
                            category: item.category),
                        reference: reference(of: item), position: item.version.position,
                        recordedAt: item.version.recordedAt, decision: decisions[entry.decision]))
            } catch { throw Self.damaged(item.version, error) }
        }
        return out
    }
}
