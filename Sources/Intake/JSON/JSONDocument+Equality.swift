extension JSONDocument {
    /// Whether two documents say the same: members in any order, strings by their characters, numbers by
    /// their bytes (`1.0` and `1.00` differ, as precision does in FHIR).
    public func isEquivalent(to other: JSONDocument) -> Bool {
        Self.differs(self, 0, other, 0) == nil
    }

    /// The path in this document of the first difference, or nil.
    public func firstDifference(from other: JSONDocument) -> String? {
        Self.differs(self, 0, other, 0).map { path(to: $0) }
    }

    /// The first tape index of `a` where it differs from `b`.
    private static func differs(_ a: JSONDocument, _ i: Int, _ b: JSONDocument, _ j: Int) -> Int? {
        guard a.tokens[i].kind == b.tokens[j].kind else { return i }
        switch a.tokens[i].kind {
        case .true, .false, .null: return nil
        case .number: return a.raw(i) == b.raw(j) ? nil : i
        case .string, .key: return a.text(i) == b.text(j) ? nil : i
        case .array:
            let (left, right) = (a.children(of: i), b.children(of: j))
            guard left.count == right.count else { return i }
            for (x, y) in zip(left, right) {
                if let found = differs(a, x, b, y) { return found }
            }
            return nil
        case .object:
            let left = a.children(of: i)
            let right = Dictionary(uniqueKeysWithValues: b.children(of: j).map { (b.text($0), $0 + 1) })
            guard left.count == right.count else { return i }
            for key in left {
                guard let match = right[a.text(key)] else { return key }
                if let found = differs(a, key + 1, b, match) { return found }
            }
            return nil
        }
    }
}
