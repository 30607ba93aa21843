/// Categories as a set of bits, one for each raw value of `Category`.
public struct CategorySet: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(_ categories: some Sequence<Category>) {
        rawValue = categories.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
    }

    public init(_ category: Category) { rawValue = 1 << UInt32(category.rawValue) }

    /// Every category that can be named, `other` included.
    public static let all = CategorySet(Category.named)

    public func contains(_ category: Category) -> Bool { rawValue & 1 << UInt32(category.rawValue) != 0 }

    /// In the order people read them.
    public var categories: [Category] { Category.named.filter { contains($0) } }

    /// Names as files write them; the full set is `all`.
    public var names: [String] { self == .all ? ["all"] : categories.map(\.name) }
}

extension CategorySet: Codable {
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        var set: CategorySet = []
        while !container.isAtEnd {
            let name = try container.decode(String.self)
            if name == "all" {
                set = .all
            } else if let category = Category(name: name) {
                set.formUnion(CategorySet([category]))
            } else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "no category: \(name)")
            }
        }
        self = set
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        for name in names { try container.encode(name) }
    }
}
