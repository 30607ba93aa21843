extension Scopes {
    /// Those that both let do, level by level.
    public func cut(to most: Scopes) -> Scopes {
        var left: [Grant] = []
        for asked in grants {
            for allowed in most.grants where allowed.level == asked.level {
                guard asked.type == "*" || allowed.type == "*" || asked.type == allowed.type else { continue }
                let interactions = asked.interactions.intersection(allowed.interactions)
                if interactions.isEmpty { continue }
                let type = asked.type == "*" ? allowed.type : asked.type
                if let same = left.firstIndex(where: { $0.level == asked.level && $0.type == type }) {
                    left[same].interactions.formUnion(interactions)
                } else {
                    left.append(Grant(level: asked.level, type: type, interactions: interactions))
                }
            }
        }
        return Scopes(left)
    }

    /// Those of one level alone.
    public func only(_ level: Level) -> Scopes { Scopes(grants.filter { $0.level == level }) }
}

extension Scopes.Interactions {
    /// In the order of `cruds`.
    var letters: String {
        let all: [(Scopes.Interactions, String)] = [
            (.create, "c"), (.read, "r"), (.update, "u"), (.delete, "d"), (.search, "s"),
        ]
        return all.filter { contains($0.0) }.map(\.1).joined()
    }
}
