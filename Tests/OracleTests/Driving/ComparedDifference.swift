import Wire

/// A difference's JSON, held to the oracle's sights: what became visible or ceased to be, when, and by which event.
struct ComparedDifference {
    private struct Change {
        var key: ViewModel.Sight.Key
        var isVisible: Bool
        /// Microseconds.
        var time: Int64
        var isLapse: Bool
        var causes: [UInt64]
    }

    /// Changes whose causes are taken out of the oracle's world, of one difference.
    private static let tried = 3

    private let asked: Asked
    private let model: ViewModel
    private let span: (from: Int64, to: Int64)
    private let changes: [Change]
    private(set) var causesTried = 0

    init(_ bytes: [UInt8], _ asked: Asked, from: Int64, to: Int64, _ model: ViewModel) throws {
        (self.asked, self.model, span) = (asked, model, (from, to))
        changes = try (JSONTree(parsing: bytes)["changes"]?.elements ?? []).map { change in
            guard let item = change["item"]?.text, let category = change["category"]?.text,
                let time = change["time"]?.text.flatMap({ Instant(rfc3339: $0) })
            else { throw Problem("a change without item, category or time: \(change.text())") }
            return Change(
                key: .init(reference: item, category: category),
                isVisible: change["became"]?.text == "visible",
                time: time.microseconds, isLapse: change["cause"]?.text == "time",
                causes: (change["events"]?.elements ?? []).compactMap { $0.integer.map(UInt64.init) })
        }
    }

    var count: Int { changes.count }

    private func sight(_ model: ViewModel, at instant: Int64) -> ViewModel.Sight? {
        var at = asked
        at.when = .instant(instant)
        return model.sight(at)
    }

    /// What is wrong, in words; empty where nothing is.
    mutating func problems() -> [String] {
        guard let before = sight(model, at: span.from)?.shown, let after = sight(model, at: span.to)?.shown
        else {
            return ["the oracle asks for a role"]
        }
        var out: [String] = []
        var shown = before
        for change in changes {
            if change.time <= span.from || change.time > span.to {
                out.append("\(change) lies outside")
            }
            if shown.contains(change.key) == change.isVisible { out.append("\(change) was so already") }
            if change.isVisible { shown.insert(change.key) } else { shown.remove(change.key) }
        }
        let (missing, extra) = (after.subtracting(shown), shown.subtracting(after))
        if !missing.isEmpty || !extra.isEmpty {
            out.append(
                "in the end: missing \(missing.sorted { $0.reference < $1.reference }), extra \(extra)")
        }
        // Different moments first: those of one moment have mostly one cause.
        var times: Set<Int64> = []
        for change in changes where times.count < Self.tried && times.insert(change.time).inserted {
            out += problems(of: change)
        }
        return out
    }

    private mutating func problems(of change: Change) -> [String] {
        guard let now = sight(model, at: change.time), let before = sight(model, at: change.time - 1) else {
            return ["\(change): the oracle asks for a role"]
        }
        var out: [String] = []
        if now.shown.contains(change.key) != change.isVisible {
            out.append("\(change): not so for the oracle")
        }
        if before.shown.contains(change.key) == change.isVisible {
            out.append("\(change): for the oracle so before")
        }
        guard !change.causes.isEmpty else { return out }
        causesTried += 1
        // What else says the same leaves all as it is without the cause, and is then left out with it.
        let doubles = [[]] + model.alike(change.causes)
        if doubles.allSatisfy({ makesNoDifference(change, model.without(change.causes + $0), now, before) }) {
            out.append("\(change): without its cause all would be the same for the oracle")
        }
        return out
    }

    private func makesNoDifference(
        _ change: Change, _ other: ViewModel, _ now: ViewModel.Sight, _ before: ViewModel.Sight
    ) -> Bool {
        func matters(_ instant: Int64, _ sight: ViewModel.Sight) -> Bool {
            guard let without = self.sight(other, at: instant) else { return true }
            return without.items[change.key] != sight.items[change.key] || without.whole != sight.whole
        }
        // Time alone: what it passed by decided until then, or decides from then on.
        return !matters(change.time, now) && (!change.isLapse || !matters(change.time - 1, before))
    }
}
