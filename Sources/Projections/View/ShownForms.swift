import CareRecord
import Wire

/// What else than its own bytes an item can be shown as, where that follows from its version alone: the parts of a Patient, a cancelled
/// result without its value, and each of these without narrative. What a shield or a withheld reference takes out depends on more.
public enum ShownForms {
    /// - Parameters:
    ///   - meta: the item's, as its event has it.
    ///   - content: its resource, JSON.
    /// - Throws: `damaged` where the bytes are not JSON.
    public static func all(
        of meta: ItemMeta, _ content: ArraySlice<UInt8>
    ) throws(ProjectionError) -> [ArraySlice<UInt8>] {
        var out = [content]
        if meta.type == "Patient", !meta.splits.isEmpty {
            let parts = PatientParts(content: content, splits: meta.splits)
            out.append(parts.demographics)
            for category in parts.categories { out.append(parts.part(category, id: meta.daybookID)) }
        }
        if meta.status == "cancelled", meta.type == "Observation" || meta.type == "DiagnosticReport" {
            out.append(try ResultValue.removed(from: content))
        }
        let narrative = ItemRedaction(.narrative) { $0 }
        for bytes in out {
            let left = try narrative.apply(to: bytes)
            if left != bytes { out.append(left) }
        }
        return out
    }
}
