import CareRecord

/// What a result's status asks of whoever shows it (DOMAIN, "Clinical safety": Retraction).
enum ResultStatus {
    /// It shows no value.
    case cancelled
    /// It shows what it said before.
    case corrected

    /// Hot: asked of every item shown. Only results carry these in the sense meant.
    ///
    /// - Returns: nil for an item that is shown as it stands.
    init?(_ meta: ItemMetaView) {
        let first = meta.statusInitial
        // "cancelled", "corrected", "amended", "appended": most items end here.
        guard first == UInt8(ascii: "c") || first == UInt8(ascii: "a"),
            meta.isType("Observation") || meta.isType("DiagnosticReport"), let status = meta.status
        else { return nil }
        if status.elementsEqual("cancelled".utf8) {
            self = .cancelled
        } else if status.elementsEqual("corrected".utf8) || status.elementsEqual("amended".utf8)
            || status.elementsEqual("appended".utf8)
        {
            self = .corrected
        } else {
            return nil
        }
    }
}
