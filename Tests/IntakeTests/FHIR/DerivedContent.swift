import Intake

/// Compares a derived resource with its source: equal as JSON but for its own id and for references.
struct DerivedContent {
    let source: JSONDocument
    let derived: JSONDocument
    /// What a reference of the source must have become, or nil for one that must stay as it is.
    let expectedReference: (String) -> String?

    /// The first fault, in words; nil where there is none. `start` is the resource's tape index in the
    /// source.
    func fault(at start: Int, expectedID: String) -> String? {
        let id = derived.member("id", of: 0).map { derived.string($0) }
        if id != expectedID { return "id \(id ?? "missing")" }
        return object(start, 0, isRoot: true)
    }

    private func value(_ a: Int, _ b: Int) -> String? {
        guard source.tokens[a].kind == derived.tokens[b].kind else { return place(a) }
        switch source.tokens[a].kind {
        case .object: return object(a, b, isRoot: false)
        case .array:
            var (i, j) = (a + 1, b + 1)
            while i < Int(source.tokens[a].next), j < Int(derived.tokens[b].next) {
                if let fault = value(i, j) { return fault }
                (i, j) = (Int(source.tokens[i].next), Int(derived.tokens[j].next))
            }
            return i == Int(source.tokens[a].next) && j == Int(derived.tokens[b].next) ? nil : place(a)
        default:
            // Numbers, escapes and all: byte for byte.
            return source.raw(a).elementsEqual(derived.raw(b)) ? nil : place(a)
        }
    }

    private func object(_ a: Int, _ b: Int, isRoot: Bool) -> String? {
        var (i, j) = (a + 1, b + 1)
        let (end, derivedEnd) = (Int(source.tokens[a].next), Int(derived.tokens[b].next))
        if isRoot, source.member("id", of: a) == nil {
            // The id was put in right after the type.
            guard derived.isText(j, "resourceType") || derived.member("id", of: b) != nil else {
                return place(a)
            }
        }
        while j < derivedEnd {
            if isRoot, derived.isText(j, "id") {
                if i < end, source.isText(i, "id") { i = Int(source.tokens[i + 1].next) }
                j = Int(derived.tokens[j + 1].next)
                continue
            }
            guard i < end, source.raw(i).elementsEqual(derived.raw(j)) else { return place(a) }
            if source.isText(i, "reference"), source.tokens[i + 1].kind == .string {
                let sent = source.string(i + 1)
                if derived.string(j + 1) != expectedReference(sent) ?? sent { return place(i) }
            } else if let fault = value(i + 1, j + 1) {
                return fault
            }
            (i, j) = (Int(source.tokens[i + 1].next), Int(derived.tokens[j + 1].next))
        }
        return i == end ? nil : place(a)
    }

    private func place(_ index: Int) -> String { source.path(to: index) }
}
