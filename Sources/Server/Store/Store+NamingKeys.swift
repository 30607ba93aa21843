import EventLog

extension Store {
    /// A proposal that names every key which one of its joint keys dies with, so that the log tells whose it is for good: a subject
    /// known only by a link, say, or a number that only a fact gives. Its own records come last.
    func namingKeys(_ proposal: Proposal) throws(LogError) -> Proposal {
        let headers = proposal.records.map(\.header)
        let joints = Set(headers.filter { $0.flags.contains(.foreignSlotA) }.map(\.slotA))
        if joints.isEmpty { return proposal }
        let told = Set(
            headers.filter { !$0.flags.contains(.foreignSlotA) && $0.slotA >= .firstFree }.map(\.stream))
        var named = proposal
        for (stream, slot) in try keys.unnamed(under: joints) where !told.contains(stream) {
            named.records.append(
                try sealer.seal(
                    .housekeeping, stream: stream, slotA: slot, bodyA: [BodyItem([])], slotB: .region,
                    bodyB: [BodyItem(Array(#"{"v":1,"namesKey":true}"#.utf8))]))
        }
        return named
    }
}
