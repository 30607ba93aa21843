/// A JSON value that keeps what a clinical record must keep: the order of members and the text of numbers.
indirect enum JSONTree: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([Member])

    struct Member: Equatable, Sendable {
        var name: String
        var value: JSONTree
    }

    static func object(_ members: KeyValuePairs<String, JSONTree?>) -> JSONTree {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    subscript(_ name: String) -> JSONTree? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            if let index = members.firstIndex(where: { $0.name == name }) {
                if let newValue { members[index].value = newValue } else { members.remove(at: index) }
            } else if let newValue {
                members.append(Member(name: name, value: newValue))
            }
            self = .object(members)
        }
    }

    var members: [Member] { if case .object(let members) = self { members } else { [] } }
    var elements: [JSONTree] { if case .array(let elements) = self { elements } else { [] } }
    var text: String? { if case .string(let text) = self { text } else { nil } }
    var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }
    var truth: Bool? { if case .bool(let truth) = self { truth } else { nil } }

    /// The value with every string member called `reference` passed through `change`.
    func mappingReferences(_ change: (String) -> String) -> JSONTree {
        switch self {
        case .array(let elements): return .array(elements.map { $0.mappingReferences(change) })
        case .object(let members):
            return .object(
                members.map { member in
                    if member.name == "reference", case .string(let text) = member.value {
                        return Member(name: member.name, value: .string(change(text)))
                    }
                    return Member(name: member.name, value: member.value.mappingReferences(change))
                })
        default: return self
        }
    }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
}
