/// What a hospital says of who is whom (decision 8, clauses 24 to 29), and whose its items are (decision 3, clause 12): worked out from all that
/// was said before, read afresh.
extension Prediction {
    /// What a message says of two people, or of one who should not be there.
    struct Joint {
        var facts: [FactSpec] = []
        /// Opened instead of them.
        var reviews: [OpenedReview] = []
        /// Of an unlink that parts two who were joined.
        var alerts = 0
        /// That it is so already, said again.
        var words: [Word] = []
    }

    /// That something was said, and when.
    struct Word {
        var about: String
        var said: Int64
    }

    /// The last word on one kind of joint between two.
    private struct LastWord {
        var stands: Bool
        var said: Int64
        var byPerson: Bool
        var pair: [SubjectName]
    }

    func joint(_ message: MessageSpec, _ subject: SubjectName, now: Int64) -> Joint {
        guard let word = message.identity, let sent = message.timestamp?.microseconds else { return Joint() }
        let said = min(sent, now)
        switch word {
        case .deletes: return Self.review("delete-person", subject)
        case .merges(let other, isMother: true), .links(let other, _, isMother: true):
            return Self.review("mother-and-baby", subject, other)
        case .merges(let retired, _): return join(.merged, subject, retired, message, nil, said)
        case .links(let other, let birthDate, _):
            if let own = message.assertion?.birthDate, let birthDate, own != birthDate {
                return Self.review("birth-dates-differ", subject, other)
            }
            return join(.linked, subject, other, message, birthDate, said)
        case .parts(let other): return part(subject, other, said)
        }
    }

    private func join(
        _ kind: FactSpec.Kind, _ a: SubjectName, _ b: SubjectName, _ message: MessageSpec,
        _ otherBorn: String?, _ said: Int64
    ) -> Joint {
        let isMerge = kind == .merged
        let same = lastWord(isMerge, a, b)
        if let same, same.stands {
            // So it is; only a newer merge the other way round says something new.
            let turns = isMerge && same.pair.first == b && said >= same.said
            if !turns { return Joint(words: [Word(about: Self.joint(isMerge, a, b), said: said)]) }
        }
        let wereParted = [same, lastWord(!isMerge, a, b)].compactMap(\.self).contains {
            !$0.stands && ($0.byPerson || said < $0.said)
        }
        if wereParted { return Self.review("set-apart", a, b) }
        let identity = Identity(events: events, placeholders: region?.placeholders ?? [])
        let born = [
            message.assertion?.birthDate ?? identity.assertionInForce(of: a)?.said.birthDate,
            otherBorn ?? identity.assertionInForce(of: b)?.said.birthDate,
        ].compactMap { $0.flatMap { Int($0.prefix(4)) } }
        if born.count == 2, abs(born[0] - born[1]) > 10 { return Self.review("birth-dates-differ", a, b) }
        return Joint(facts: [fact(kind, a, b, said)])
    }

    private static func review(_ reason: String, _ subjects: SubjectName...) -> Joint {
        Joint(reviews: [OpenedReview(reason: reason, subjects: subjects)])
    }

    private func part(_ a: SubjectName, _ b: SubjectName, _ said: Int64) -> Joint {
        let words = (link: lastWord(false, a, b), merge: lastWord(true, a, b))
        var out = Joint()
        let isLinked = words.link?.stands ?? false
        let isMerged = words.merge?.stands ?? false
        // What was said later than this stands.
        let endsLink = words.link.map { said >= $0.said } ?? true
        let endsMerge = words.merge.map { said >= $0.said } ?? true
        if endsLink {
            // With no link between them they are kept apart all the same.
            if words.link == nil || isLinked { out.facts.append(fact(.unlinked, a, b, said)) }
        }
        if let merge = words.merge, isMerged, endsMerge {
            out.facts.append(fact(.mergeReversed, merge.pair[0], merge.pair[1], said))
        }
        for (isMerge, last) in [(false, words.link), (true, words.merge)] where last?.stands == false {
            out.words.append(Word(about: Self.joint(isMerge, a, b), said: said))
        }
        let wereJoined = isLinked || isMerged
        let areJoined = isLinked && !endsLink || isMerged && !endsMerge
        out.alerts = wereJoined && !areJoined ? 1 : 0
        return out
    }

    private func fact(
        _ kind: FactSpec.Kind, _ a: SubjectName, _ b: SubjectName, _ said: Int64
    ) -> FactSpec {
        var fact = FactSpec(kind: kind)
        (fact.pair, fact.byFeed, fact.asserted) = ([a, b], true, said)
        return fact
    }

    private static func joint(_ isMerge: Bool, _ a: SubjectName, _ b: SubjectName) -> String {
        "\(isMerge ? "merge" : "link") \([a, b].sorted().map { "\($0)" })"
    }

    private func lastWord(_ isMerge: Bool, _ a: SubjectName, _ b: SubjectName) -> LastWord? {
        guard var last = lastFact(isMerge, a, b) else { return nil }
        if let again = newestWords[Self.joint(isMerge, a, b)] { last.said = max(last.said, again) }
        return last
    }

    private func lastFact(_ isMerge: Bool, _ a: SubjectName, _ b: SubjectName) -> LastWord? {
        let (joins, parts): (FactSpec.Kind, FactSpec.Kind) =
            isMerge ? (.merged, .mergeReversed) : (.linked, .unlinked)
        for event in events.reversed() {
            switch event.what {
            case .link(let x, let y) where !isMerge && Set([x, y]) == [a, b]:
                return LastWord(stands: true, said: event.time, byPerson: false, pair: [x, y])
            case .fact(let fact) where Set(fact.pair) == [a, b] && [joins, parts].contains(fact.kind):
                return LastWord(
                    stands: fact.kind == joins, said: fact.asserted ?? event.time, byPerson: !fact.byFeed,
                    pair: fact.pair)
            default: continue
            }
        }
        return nil
    }

    /// A message to an id retired by the last merge that stands and names it opens a review, once for each id (clause 27).
    func retiredReview(_ message: MessageSpec, _ subject: SubjectName) -> [LoggedEvent.What] {
        guard message.isHL7, message.identity == nil else { return [] }
        var merges: [Set<SubjectName>: (pair: [SubjectName], position: UInt64)] = [:]
        for event in events {
            guard case .fact(let fact) = event.what, fact.pair.contains(subject) else { continue }
            if fact.kind == .merged { merges[Set(fact.pair)] = (fact.pair, event.position) }
            if fact.kind == .mergeReversed { merges[Set(fact.pair)] = nil }
        }
        let isOpened = events.contains { event in
            if case .review(let review) = event.what {
                review.reason == "retired-id" && review.subjects[0] == subject
            } else {
                false
            }
        }
        let last = merges.values.max { $0.position < $1.position }
        guard let last, last.pair[1] == subject, !isOpened else { return [] }
        // Of somebody who was never seen there is no name.
        let identity = Identity(events: events, placeholders: region?.placeholders ?? [])
        let survivor = identity.firstSeen(last.pair[0]) == nil ? [] : [last.pair[0]]
        return [.review(OpenedReview(reason: "retired-id", subjects: [subject] + survivor))]
    }

    /// Whose an item is: theirs of whom it was last said to be, by when that was said.
    private func holder(_ item: MessageSpec.Item, _ source: String) -> (of: SubjectName, said: Int64)? {
        var newest: (of: SubjectName, said: Int64)?
        for event in events {
            guard case .update(let message, let about) = event.what, about.organisation == source else {
                continue
            }
            for one in message.items where one.type == item.type && one.localID == item.localID {
                guard one.operation != .delete else { continue }
                let stated = (one.updated ?? message.timestamp)?.microseconds ?? event.time
                let said = min(stated, event.time)
                if newest.map({ $0.said <= said }) ?? true { newest = (about, said) }
            }
        }
        return newest
    }

    /// The message with the items that are somebody else's by a newer word taken out again, and what it takes out of others' records.
    func attributed(
        _ message: MessageSpec, _ subject: SubjectName, now: Int64
    ) -> (own: MessageSpec, left: [(SubjectName, MessageSpec)]) {
        guard message.isHL7 else { return (message, []) }
        var own = message
        var left: [SubjectName: [MessageSpec.Item]] = [:]
        for (index, item) in message.items.enumerated() where item.type != "Patient" {
            guard let holder = holder(item, subject.organisation), holder.of != subject else { continue }
            var gone = item
            gone.operation = .delete
            (gone.effective, gone.codes, gone.references, gone.resource) = (nil, [], [], nil)
            let said = min((item.updated ?? message.timestamp)?.microseconds ?? now, now)
            if said < holder.said {
                own.items[index] = gone
            } else {
                left[holder.of, default: []].append(gone)
            }
        }
        return (
            own,
            left.map { theirs, items in
                var copy = message
                (copy.items, copy.assertion, copy.patient) = (items, nil, nil)
                (copy.visit, copy.care, copy.identity) = (nil, nil, nil)
                return (theirs, copy)
            }
        )
    }
}
