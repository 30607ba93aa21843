import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Merges, links and their undoing, as a feed tells them (decision 7).
extension FeedResolution {
    /// What was last said of an edge.
    private struct Said {
        var stands: Bool
        var asserted: Instant
        var byPerson: Bool
        var tokens: [StreamToken]
    }

    /// A merge (`a` survives) or a link.
    func join(
        _ kind: PatientFactKind, _ a: SubjectID, _ b: SubjectID, otherBorn: String? = nil,
        _ draft: MessageDraft, into found: inout Found
    ) throws {
        let (first, second) = (token(a), token(b))
        found.looksAt.formUnion(try identity.linked(with: first))
        found.looksAt.formUnion(try identity.linked(with: second))
        found.moves.formUnion([first, second])
        let said = try said(kind == .merged ? .merge : .link, first, second)
        if let said, said.stands {
            // Said before, and so it is. A merge the other way round turns survivor and retired about, if it is newer.
            if kind == .linked || said.tokens.first == first || asserted(draft) < said.asserted {
                return found.words.append(word(kind == .merged ? .merge : .link, first, second, draft))
            }
        }
        if try isSetApart(first, second, kind, draft, said) {
            return try review(.setApart, a, b, draft, into: &found)
        }
        let born = try [
            (a == draft.meta.subject ? draft.meta.patient?.birthDate : nil) ?? birthDate(of: first),
            otherBorn ?? birthDate(of: second),
        ]
        if Self.areGenerationsApart(born.compactMap(\.self)) {
            return try review(.birthDatesDiffer, a, b, draft, into: &found)
        }
        found.facts.append(fact(kind, a, b, draft))
    }

    /// Whether they were parted by a person, or by a message newer than this one.
    private func isSetApart(
        _ first: StreamToken, _ second: StreamToken, _ kind: PatientFactKind, _ draft: MessageDraft,
        _ said: Said?
    ) throws -> Bool {
        let other = try self.said(kind == .merged ? .link : .merge, first, second)
        return [said, other].compactMap(\.self).contains { said in
            !said.stands && (said.byPerson || asserted(draft) < said.asserted)
        }
    }

    /// Years between birth dates that no correction of one explains: a mother and her child, most of all.
    private static let generation = 11

    private static func areGenerationsApart(_ birthDates: [String]) -> Bool {
        let years = birthDates.compactMap { Int($0.prefix(4)) }
        return years.count == 2 && abs(years[0] - years[1]) >= generation
    }

    private func birthDate(of subject: StreamToken) throws -> String? {
        guard let state = try identity.state(of: subject), state.asserted != nil else { return nil }
        return try store.assertion(at: state.position)?.patient?.birthDate
    }

    /// A37: whatever joins the two directly ends, and what links of itself does not join them again.
    func part(_ a: SubjectID, _ b: SubjectID, _ draft: MessageDraft, into found: inout Found) throws {
        let (first, second) = (token(a), token(b))
        found.looksAt.formUnion(try identity.linked(with: first))
        found.looksAt.formUnion(try identity.linked(with: second))
        found.moves.formUnion([first, second])
        let link = try said(.link, first, second)
        let merge = try said(.merge, first, second)
        // Each ends what was said before it: a newer word on either stands.
        func isNewer(than said: Said?) -> Bool { said.map { $0.asserted <= asserted(draft) } ?? true }
        let staysJoined = [link, merge].contains { $0?.stands == true && !isNewer(than: $0) }
        if isNewer(than: link) {
            if link?.stands != false {
                var unlinked = fact(.unlinked, a, b, draft)
                unlinked.parts = link != nil && !staysJoined
                found.facts.append(unlinked)
            } else {
                found.words.append(word(.link, first, second, draft))
            }
        }
        if let merge, !merge.stands { found.words.append(word(.merge, first, second, draft)) }
        if let merge, merge.stands, isNewer(than: merge) {
            let survives = merge.tokens.first == first
            var reversed = fact(.mergeReversed, survives ? a : b, survives ? b : a, draft)
            reversed.parts = !staysJoined
            found.facts.append(reversed)
        }
    }

    private func fact(
        _ kind: PatientFactKind, _ a: SubjectID, _ b: SubjectID, _ draft: MessageDraft
    ) -> Found.Fact {
        var fact = PatientFact(kind, patient: .subject(a))
        fact.other = .subject(b)
        fact.asserted = asserted(draft)
        fact.byFeed = true
        fact.evidence = draft.meta.messageID
        return Found.Fact(fact: fact, tokens: [token(a), token(b)])
    }

    private func word(
        _ kind: IdentityEdge.Kind, _ a: StreamToken, _ b: StreamToken, _ draft: MessageDraft
    ) -> UpdateFacts.Word {
        UpdateFacts.Word(about: about(kind, a, b), said: asserted(draft))
    }

    /// What a word on whether two are joined goes by, whichever of them is named first.
    private func about(_ kind: IdentityEdge.Kind, _ a: StreamToken, _ b: StreamToken) -> UInt64 {
        let pair = [a, b].sorted().flatMap(\.bytes)
        return store.keys.token(.view, Array("joint\u{0}".utf8) + [kind.rawValue] + pair).high
    }

    private func said(_ kind: IdentityEdge.Kind, _ a: StreamToken, _ b: StreamToken) throws -> Said? {
        guard let edge = try identity.edges(of: a).last(where: { $0.other == b && $0.kind == kind }),
            let fact = try store.identityFact(at: edge.position)
        else { return nil }
        // What changed nothing since was said again.
        let asserted = fact.fact.asserted ?? fact.recordedAt
        let again = try identity.newestWord(about: about(kind, a, b))
        return Said(
            stands: edge.stands, asserted: max(asserted, again ?? asserted),
            byPerson: !fact.fact.byFeed, tokens: fact.tokens)
    }
}

extension Store {
    /// An identity fact without the person; nil where the position holds none.
    func identityFact(
        at position: Position
    ) throws(StoreError) -> (fact: PatientFact, tokens: [StreamToken], recordedAt: Instant)? {
        try StoreError.translating {
            let record = try log.read(at: position)
            guard record.header.recordClass == .identity else { return nil }
            let (fact, tokens) = try opener.sealedFact(of: record)
            return (fact, tokens, record.header.recordedAt)
        }
    }
}
