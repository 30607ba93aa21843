import Wire

/// The history of one thing that holds from when it was said until something else is said: settings, a role's
/// baseline, an organisation's details. The latest that has begun holds; an end holds too, and says "no more".
struct Versions<Value: Sendable>: Sendable {
    struct Version: Sendable {
        var position: Position
        var from: Instant
        /// Nil: ended.
        var value: Value?
    }

    private(set) var versions: [Version] = []

    mutating func append(_ value: Value?, position: Position, from: Instant) {
        versions.append(Version(position: position, from: from, value: value))
    }

    func latest(at point: DecisionPoint) -> Version? { index(at: point).map { versions[$0] } }

    /// Of the latest that has begun.
    func index(at point: DecisionPoint) -> Int? {
        var index = versions.count - 1
        while index >= 0, versions[index].position > point.position || versions[index].from > point.instant {
            index -= 1
        }
        return index < 0 ? nil : index
    }

    func isInForce(at point: DecisionPoint) -> Bool {
        guard let index = index(at: point) else { return false }
        return versions[index].value != nil
    }

    func standing(at point: DecisionPoint) -> Standing<Value> {
        guard let version = latest(at: point) else {
            guard let future = versions.last(where: { $0.position <= point.position }) else {
                return .unknown
            }
            return .notInForce(decidedBy: future.position)
        }
        guard let value = version.value else { return .notInForce(decidedBy: version.position) }
        return .inForce(value, position: version.position)
    }
}
