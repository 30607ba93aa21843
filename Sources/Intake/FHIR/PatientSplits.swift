import CareRecord
import Wire

/// The parts of a Patient that are of other categories: the practice and the next of kin.
///
/// Besides generalPractitioner and contact themselves, what repeats them goes with them: contained resources
/// when the practice is one, and the narrative, which is free to tell either.
enum PatientSplits {
    static func of(_ splice: JSONSplice, in raw: [UInt8]) -> [ItemSplit] {
        guard let content = try? splice.content(of: raw), let document = try? JSONDocument(content) else {
            return []
        }
        let keys = document.children(of: 0)
        let categories = categories(document, keys)
        var splits: [ItemSplit] = []
        var afterOther = false
        for (i, key) in keys.enumerated() {
            guard let category = categories[i] else {
                afterOther = true
                continue
            }
            // The comma before goes with the member once something that stays stands before it, else the
            // comma after.
            let own = Int(document.tokens[key].start)..<Int(document.tokens[key + 1].end)
            let start = afterOther ? Int(document.tokens[keys[i - 1] + 1].end) : own.lowerBound
            let hasNext = i + 1 < keys.count
            let end = !afterOther && hasNext ? Int(document.tokens[keys[i + 1]].start) : own.upperBound
            splits.append(ItemSplit(category: category, start: start, end: end))
        }
        return splits
    }

    private static func categories(_ document: JSONDocument, _ keys: [Int]) -> [Category?] {
        let names = keys.map { document.fhirName($0) }
        let hasPractice = names.contains(.generalPractitioner)
        let hasContact = names.contains(.contact)
        let isContained =
            document.member(.generalPractitioner, of: 0).map { value in
                (value..<Int(document.tokens[value].next)).contains {
                    document.tokens[$0].kind == .string && document.text($0).first == UInt8(ascii: "#")
                }
            } ?? false
        return names.map { name in
            switch name {
            case .generalPractitioner: .gpPractice
            case .contact: .nextOfKin
            case .contained: isContained ? .gpPractice : nil
            // A narrative that may tell both needs a role that is granted everything.
            case .text:
                hasPractice && hasContact ? .other : hasPractice ? .gpPractice : hasContact ? .nextOfKin : nil
            default: nil
            }
        }
    }
}
