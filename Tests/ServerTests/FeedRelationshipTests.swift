import CareRecord
import Intake
import Seeded
import Testing
import Wire

@testable import Server

/// Messages about one visit in any order of arrival: what stands in the end is what the newest word on its state says.
@Suite struct FeedRelationshipTests {
    struct Sent: Equatable {
        var change: VisitChange
        var at: Instant
    }

    private static let began = Instant(microseconds: 1_000_000)
    private static let now = Instant(microseconds: 1_000_000_000)

    private static func random(_ rng: inout SplitMix64) -> [Sent] {
        let count = Int.random(in: 1...6, using: &rng)
        var times = (2...40).map { Instant(microseconds: Int64($0) * 10_000_000) }
        times.shuffle(using: &rng)
        return times.prefix(count).map { at in
            let kind = Int.random(in: 0..<4, using: &rng)
            let state: RelationshipState =
                kind == 0
                ? .ended(Instant(microseconds: at.microseconds - 1_000_000))
                : kind == 1 ? .neverWas : .open(until: nil)
            return Sent(
                change: VisitChange(
                    visit: "V", state: state, from: began, opens: kind == 2, event: "ADT^A00"), at: at)
        }
    }

    private static func arrive(_ messages: [Sent]) -> FeedRelationship.Standing {
        var known: [FeedRelationship.Known] = []
        for (number, message) in messages.enumerated() {
            let recorded = Instant(microseconds: now.microseconds + Int64(number))
            for fact in FeedRelationship(known: known).facts(
                message.change, asserted: message.at, now: recorded)
            {
                known.append(.init(fact: fact, recordedAt: recorded))
            }
        }
        return FeedRelationship(known: known).standing
    }

    /// The plain model: the newest message that says how the visit stands decides; one that only goes on says that it began.
    private static func expected(_ messages: [Sent]) -> FeedRelationship.Standing {
        let stating = messages.filter { message in
            if case .open = message.change.state { message.change.opens } else { true }
        }
        guard let newest = stating.max(by: { $0.at < $1.at }) else { return .open(from: began) }
        return switch newest.change.state {
        case .open: .open(from: began)
        case .ended(let to): .ended(from: began, to: to)
        case .neverWas: .undone
        case .over: .ended(from: began, to: newest.at)
        }
    }

    @Test(arguments: 0..<20) func theNewestWordStandsWhateverTheOrder(_ block: UInt64) {
        for number in 0..<200 {
            let seed = block * 200 + UInt64(number)
            var rng = SplitMix64(seed: seed)
            let messages = Self.random(&rng)
            let expected = Self.expected(messages)
            for _ in 0..<6 {
                let order = messages.shuffled(using: &rng)
                #expect(Self.arrive(order) == expected, "seed \(seed)")
            }
        }
    }

    /// Who comes back to a list or a caseload comes back then; a discharge taken back never was.
    @Test func aReturnToAListBeginsAnewAndAVisitGoesOn() {
        let (left, back) = (Instant(microseconds: 20_000_000), Instant(microseconds: 30_000_000))
        for kind in [RelationshipKind.registration, .caseload, .encounter] {
            var known: [FeedRelationship.Known] = []
            for (state, at) in [
                (RelationshipState.open(until: nil), Self.began), (.ended(left), left),
                (.open(until: nil), back),
            ] {
                let word = FeedRelationship.Word(state: state, from: at)
                known += FeedRelationship(kind: kind, known: known).facts(word, asserted: at, now: Self.now)
                    .map { .init(fact: $0, recordedAt: Self.now) }
            }
            let from = kind == .encounter ? Self.began : back
            #expect(FeedRelationship(known: known).standing == .open(from: from), "\(kind)")
        }
    }

    /// When messages spoke of it last is known though no fact says so.
    @Test func aWordOlderThanWhatWasSpokenSinceChangesNothing() {
        let begun = FeedRelationship(kind: .registration, known: [])
            .facts(.init(state: .open(until: nil), from: Self.began), asserted: Self.began, now: Self.now)
        let known = begun.map { FeedRelationship.Known(fact: $0, recordedAt: Self.now) }
        let later = Instant(microseconds: 20_000_000)
        let over = FeedRelationship.Word(state: .over)
        func facts(spoken: Instant?) -> [PatientFact] {
            FeedRelationship(kind: .registration, isSaidAgain: false, known: known, spoken: spoken)
                .facts(over, asserted: later, now: Self.now)
        }
        #expect(facts(spoken: Instant(microseconds: 20_000_001)).isEmpty)
        #expect(facts(spoken: later).map(\.to) == [later])
        #expect(facts(spoken: nil).map(\.to) == [later])
    }

    @Test func aWordIsSaidAgainOnlyWhereItIsNewer() {
        let open = VisitChange(
            visit: "V", state: .open(until: nil), from: Self.began, opens: true, event: "ADT^A01")
        let first = FeedRelationship(known: []).facts(open, asserted: Self.began, now: Self.now)
        #expect(first.map(\.kind) == [.relationshipCreated])
        let known = first.map { FeedRelationship.Known(fact: $0, recordedAt: Self.now) }
        #expect(FeedRelationship(known: known).facts(open, asserted: Self.began, now: Self.now).isEmpty)
        #expect(FeedRelationship(known: known).facts(open, asserted: Self.now, now: Self.now).count == 1)
        var future = open
        future.from = Instant(microseconds: Self.now.microseconds * 2)
        let made = FeedRelationship(known: []).facts(future, asserted: Self.began, now: Self.now)
        #expect(made.first?.from == Self.now)
    }
}
