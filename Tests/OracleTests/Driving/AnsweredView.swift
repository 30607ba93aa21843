import Wire

/// A view's JSON read back, member by member as DESIGN lists them, to be compared with what was expected.
struct AnsweredView {
    var view: ExpectedView
    var receipt: UInt64?
    /// The body without its receipt member.
    var body: JSONTree

    init(_ bytes: [UInt8]) throws {
        var tree = try JSONTree(parsing: bytes)
        receipt = tree["receipt"]?["position"]?.integer.map(UInt64.init)
        tree["receipt"] = nil
        body = tree
        guard let at = tree["at"], let decision = tree["decision"] else {
            throw JSONTree.ParseError(description: "no `at` or no `decision` in \(tree.text().prefix(200))")
        }
        view = ExpectedView(
            outcome: decision["outcome"]?.text ?? "none", rule: decision["rule"]?.text ?? "none",
            basis: Self.positions(decision["basis"]), position: UInt64(at["position"]?.integer ?? -1),
            time: Self.time(at["time"]), final: tree["final"]?.truth ?? true,
            apart: tree["apart"]?.integer ?? 0)
        view.items = tree["items"]?.elements.map(Self.item) ?? []
        view.tombstones = tree["tombstones"]?.elements.map(Self.item) ?? []
        view.withheld = tree["withheld"]?.elements.map { entry in
            ExpectedView.Withheld(
                category: entry["category"]?.text ?? "none", count: entry["count"]?.integer ?? -1,
                rule: entry["rule"]?.text ?? "none", basis: Self.positions(entry["basis"]))
        }
        view.knownAt = tree["knownAt"]?["position"]?.integer.map(UInt64.init)
        view.shield = tree["shield"]?.text
        view.sealed = tree["sealed"].map { entries in
            entries.elements.reduce(into: [:]) { counts, entry in
                counts[entry["source"]?.text ?? "none", default: 0] += entry["count"]?.integer ?? -1
            }
        }
        if tree["notice"]?.text != "Some information may not be shown" {
            throw JSONTree.ParseError(description: "the view does not say that some may not be shown")
        }
        view.absent = tree["absent"]?["categories"]?.elements.compactMap(\.text)
        view.offers = Set(tree["offers"]?.elements.compactMap { $0["step"]?.text } ?? [])
        view.identityChanged = tree["identityChanged"]?.integer.map(UInt64.init)
        if view.shield == "location-withheld" {
            view.items = ExpectedView.anonymous(view.items.map(Self.withAnyID))
            view.tombstones = ExpectedView.anonymous(view.tombstones.map(Self.withAnyID))
        }
        view.sources =
            tree["sources"]?.elements.map { entry in
                ExpectedView.Source(
                    source: entry["source"]?.text ?? "none", status: entry["status"]?.text ?? "none",
                    last: Self.time(entry["last"]))
            } ?? []
    }

    private static func positions(_ tree: JSONTree?) -> [UInt64] {
        tree?.elements.compactMap { $0.integer.map(UInt64.init) } ?? []
    }

    private static func time(_ tree: JSONTree?) -> Int64? {
        tree?.text.flatMap { Instant(rfc3339: $0) }?.microseconds
    }

    /// Whatever names a source must be hidden: a hash reads as any other, and anything else as itself.
    private static func withAnyID(_ item: ExpectedView.Item) -> ExpectedView.Item {
        var out = item
        (out.id, out.resource) = (JSONTree.withAnyID(item.id), item.resource?.withAnyID())
        out.previous?.resource = item.previous?.resource?.withAnyID()
        if item.source != "none" || !item.basis.isEmpty || out.id != JSONTree.anyID {
            out.type += " unhidden"
        }
        return out
    }

    private static func item(_ tree: JSONTree) -> ExpectedView.Item {
        let name = (tree["item"]?.text ?? "none/none").split(separator: "/", maxSplits: 1).map(String.init)
        return ExpectedView.Item(
            position: UInt64(tree["position"]?.integer ?? -1), recorded: time(tree["recorded"]) ?? -1,
            effective: tree["effective"]?.text, source: tree["source"]?.text ?? "none",
            category: tree["category"]?.text ?? "none", rule: tree["rule"]?.text ?? "none",
            basis: positions(tree["basis"]), type: name[0], id: name.count > 1 ? name[1] : "none",
            resource: tree["resource"],
            previous: tree["previous"].map { before in
                ExpectedView.Previous(
                    position: UInt64(before["position"]?.integer ?? -1),
                    recorded: time(before["recorded"]) ?? -1,
                    resource: before["resource"])
            })
    }
}
