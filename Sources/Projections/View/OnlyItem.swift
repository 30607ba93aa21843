import CareRecord

/// The one item that a question is about, by its name within Daybook.
struct OnlyItem {
    private let type: [UInt8]
    private let id: [UInt8]

    /// - Parameter reference: `Type/id`.
    init?(_ reference: String) {
        let bytes = Array(reference.utf8)
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        (type, id) = (Array(bytes[..<slash]), Array(bytes[(slash + 1)...]))
    }

    func isNamed(by meta: ItemMetaPlaces, in bytes: [UInt8]) -> Bool {
        meta.daybookID.count == id.count && meta.type.count == type.count
            && bytes[meta.daybookID].elementsEqual(id) && bytes[meta.type].elementsEqual(type)
    }
}
