import CareRecord
import Wire

/// A Patient resource, taken apart by category: agreements and roles grant its parts one by one (decision 4, clause 4).
struct PatientParts {
    let content: ArraySlice<UInt8>
    let splits: [ItemSplit]

    /// The resource without the members of other categories.
    var demographics: ArraySlice<UInt8> {
        if splits.isEmpty { return content }
        var out: [UInt8] = []
        out.reserveCapacity(content.count)
        var from = content.startIndex
        for split in splits {
            let start = content.startIndex + split.start
            out.append(contentsOf: content[from..<start])
            from = content.startIndex + split.end
        }
        out.append(contentsOf: content[from...])
        return out[...]
    }

    /// The categories of the splits, in the table's order, each once.
    var categories: [Category] {
        var out: [Category] = []
        for split in splits where !out.contains(split.category) { out.append(split.category) }
        return out.sorted()
    }

    /// Type, id and the members of one category.
    func part(_ category: Category, id: String) -> ArraySlice<UInt8> {
        var out: [UInt8] = Array(#"{"resourceType":"Patient","id":""#.utf8)
        out.append(contentsOf: id.utf8)
        out.append(UInt8(ascii: "\""))
        for split in splits where split.category == category {
            var member = content[(content.startIndex + split.start)..<(content.startIndex + split.end)]
            if member.first == UInt8(ascii: ",") { member = member.dropFirst() }
            if member.last == UInt8(ascii: ",") { member = member.dropLast() }
            out.append(UInt8(ascii: ","))
            out.append(contentsOf: member)
        }
        out.append(UInt8(ascii: "}"))
        return out[...]
    }

    /// Whether a part's bytes cite the reference: a JSON string that is exactly it.
    static func cites(_ reference: String, in bytes: ArraySlice<UInt8>) -> Bool {
        let quoted = Array("\"\(reference)\"".utf8)
        var at = bytes.startIndex
        while let found = bytes[at...].firstIndex(of: quoted[0]) {
            if bytes[found...].starts(with: quoted) { return true }
            at = found + 1
        }
        return false
    }
}
