import CareRecord
import Wire
import Yams

/// A value of a policy file: what it is, where it stands, and typed readings that report what does not fit.
/// A reading that fails has reported why and returns nil.
struct PolicyValue {
    let node: Node
    /// `agreements[2].categories[0]`
    let field: String
    let document: PolicyDocument

    /// Bytes of one text.
    static let maximumTextBytes = 4096

    init(_ node: Node, field: String, in document: PolicyDocument) {
        (self.node, self.field, self.document) = (node, field, document)
    }

    func report(_ message: String) { document.report(node.mark, field, message) }

    /// A mapping, every key of it one of `keys`.
    func mapping(_ keys: [String]) -> PolicyMapping? {
        guard case .mapping(let mapping) = node else {
            report("must be a mapping of \(keys.joined(separator: ", ")), not \(what)")
            return nil
        }
        var values: [String: PolicyValue] = [:]
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key, keys.contains(scalar.string) else {
                let name = key.scalar?.string ?? "(not a text)"
                document.report(
                    key.mark, field, "unknown key \(name): known are \(keys.joined(separator: ", "))")
                continue
            }
            let path = field.isEmpty ? scalar.string : "\(field).\(scalar.string)"
            values[scalar.string] = PolicyValue(value, field: path, in: document)
        }
        return PolicyMapping(values: values, self)
    }

    func list() -> [PolicyValue]? {
        guard case .sequence(let sequence) = node else {
            report("must be a list, not \(what)")
            return nil
        }
        return sequence.enumerated().map { PolicyValue($1, field: "\(field)[\($0)]", in: document) }
    }

    /// A text of at least one character, without control characters. Numbers count as the text they are written as.
    func text() -> String? {
        guard case .scalar(let scalar) = node, !isNull else {
            report("must be a text, not \(what)")
            return nil
        }
        let text = scalar.string
        guard !text.isEmpty, text.utf8.count <= Self.maximumTextBytes,
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            report("must be a text of 1 to \(Self.maximumTextBytes) bytes without control characters")
            return nil
        }
        return text
    }

    /// An id: as a text, at most 128 bytes, not beginning or ending with a space.
    func identifier() -> String? {
        guard let text = text() else { return nil }
        guard text.utf8.count <= Viewer.maximumIDBytes, text.utf8.first != 0x20, text.utf8.last != 0x20 else {
            report("must be an id of at most \(Viewer.maximumIDBytes) bytes without spaces at its ends")
            return nil
        }
        return text
    }

    /// An ODS code: letters and digits, 1 to 12 of them.
    func ods() -> String? {
        guard let text = text() else { return nil }
        guard text.utf8.count <= 12,
            text.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            })
        else {
            report("\(text) is no ODS code: use 1 to 12 letters and digits")
            return nil
        }
        return text
    }

    /// A lower-case word with hyphens: a purpose, an activity.
    func word() -> String? {
        guard let text = text() else { return nil }
        guard text.utf8.count <= 64, text.utf8.first != 0x2D,
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else {
            report("\(text) must be a word of lower-case letters, digits and hyphens")
            return nil
        }
        return text
    }

    /// One of a fixed set of words.
    func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let text = text() else { return nil }
        guard let choice = Choice(rawValue: text) else {
            report(
                "\(text) is unknown: use one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return choice
    }

    func flag() -> Bool? {
        guard case .scalar(let scalar) = node, scalar.style == .plain, let flag = Bool(scalar.string) else {
            report("must be true or false")
            return nil
        }
        return flag
    }

    func count(upTo limit: Int) -> Int? {
        guard case .scalar(let scalar) = node, let count = Int(scalar.string), (0...limit).contains(count)
        else {
            report("must be a whole number from 0 to \(limit)")
            return nil
        }
        return count
    }

    func date() -> CivilDate? {
        guard let text = text() else { return nil }
        guard let date = CivilDate(text) else {
            report("\(text) is no date: write YYYY-MM-DD")
            return nil
        }
        return date
    }

    /// An RFC 3339 instant, or a date: its day's start, or its end where `ends`.
    func instant(ends: Bool, in calendar: StoreCalendar) -> Instant? {
        guard let text = text() else { return nil }
        if let date = CivilDate(text) { return ends ? calendar.end(of: date) : calendar.start(of: date) }
        guard let instant = Instant(rfc3339: text) else {
            report("\(text) is no time: write a date YYYY-MM-DD, or an instant with its offset (RFC 3339)")
            return nil
        }
        return instant
    }

    func duration() -> CalendarDuration? {
        guard let text = text() else { return nil }
        guard let duration = CalendarDuration(text) else {
            report("\(text) is no duration: write ISO 8601, such as P84D or PT1H")
            return nil
        }
        return duration
    }

    func categories() -> CategorySet? {
        guard let values = list() else { return nil }
        var set: CategorySet = []
        for value in values {
            guard let name = value.text() else { continue }
            if name == "all" {
                set = .all
            } else if let category = Category(name: name) {
                set.formUnion(CategorySet([category]))
            } else {
                value.report(
                    "no category \(name): use all, or \(Category.named.map(\.name).joined(separator: ", "))")
            }
        }
        return set
    }

    /// A list read one by one, each element once.
    func distinct(_ reading: (PolicyValue) -> String?) -> [String]? {
        guard let values = list() else { return nil }
        var seen: Set<String> = []
        var out: [String] = []
        for value in values {
            guard let text = reading(value) else { continue }
            if seen.insert(text).inserted { out.append(text) } else { value.report("\(text) is given twice") }
        }
        return out
    }

    var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    private var what: String {
        switch node {
        case .scalar: isNull ? "nothing" : "a single value"
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}
