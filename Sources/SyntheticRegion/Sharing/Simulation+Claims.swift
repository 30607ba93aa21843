import Wire

/// What somebody says who has no relationship or cannot ask: the same, whether they have a reason or not.
extension Simulation {
    func claim(_ user: String, _ patient: String, _ time: Instant, _ dice: inout Dice) -> SharingFact {
        SharingFact(.relationshipCreated, id: "claim-\(user)-\(Self.stamp(time))", patient).with {
            ($0.user, $0.word, $0.duration, $0.recordedBy) = (user, "self-claimed", "P2D", user)
            $0.reason = dice.pick(["following up", "covering for a colleague", "asked by telephone"])
        }
    }

    func brokenGlass(_ user: String, _ patient: String, _ time: Instant, _ dice: inout Dice) -> SharingFact {
        SharingFact(.overrideDeclared, id: "ov-\(user)-\(Self.stamp(time))", patient).with {
            ($0.user, $0.word, $0.recordedBy) = (user, "emergency", user)
            $0.reason = dice.pick([
                "unconscious in the emergency department", "confused; cannot be asked", "urgent", "collapsed",
            ])
        }
    }

    private static func stamp(_ time: Instant) -> String {
        String(time.rfc3339.prefix(19).filter(\.isNumber))
    }
}
