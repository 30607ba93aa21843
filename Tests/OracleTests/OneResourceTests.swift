import CareRecord
import Projections
import Testing
import Wire

@testable import Server

/// A read of one resource makes nothing of the others: what it is made of, and all that its receipt says, is what the whole view says.
@Suite struct OneResourceTests {
    /// How often each kind of name was asked for.
    private struct Count {
        var shown = 0
        var gone = 0
        var hidden = 0
        var redacted = 0
    }

    @Test func oneResourceIsDecidedAsInTheWholeView() throws {
        var count = Count()
        for seed in UInt64(1)...3 {
            var history = History.served(seed: seed, length: 160)
            let questions = history.steps.compactMap { step in
                if case .ask(let question) = step { question } else { nil }
            }
            history.steps.removeAll { step in
                switch step {
                case .ask, .compare, .find, .review, .reopen: true
                default: false
                }
            }
            let under = try StoreUnderTest(start: history.start)
            defer { under.close() }
            var run = try HistoryRun(history, on: under)
            try run.play()
            for question in questions { try compare(question, under.store, &count) }
        }
        #expect(count.shown > 100 && count.gone > 0 && count.hidden > 0, "\(count)")
    }

    private func compare(_ question: Question, _ store: Store, _ count: inout Count) throws {
        guard let request = Self.request(question) else { return }
        let decided = Result { () throws(StoreError) in try store.decided(request, isBare: true) }
        // A user without the role, say: no question.
        if case .failure(.usage) = decided { return }
        let whole = try decided.get()
        let shown = Set(whole.draft.items.map(\.reference))
        let gone = Set(whole.answer.tombstones.map(\.reference))
        for name in shown.union(gone).union(whole.hidden).union(["Observation/none"]) {
            let one = try store.decided(request, isBare: true, only: name)
            #expect(Self.told(one, of: name) == Self.told(whole, of: name), "\(request) \(name)")
            if whole.sight?.redactsLocation ?? false {
                count.redacted += 1
            } else {
                #expect(one.draft.items.allSatisfy { $0.reference == name })
            }
            if shown.contains(name) { count.shown += 1 }
            if gone.contains(name) { count.gone += 1 }
            if whole.hidden.contains(name) { count.hidden += 1 }
        }
    }

    /// All that an answer about the one, and its receipt, is made of.
    private static func told(_ view: Store.DecidedView, of name: String) -> [String] {
        func told(_ items: [ViewItem]) -> [String] {
            items.filter { $0.reference == name }.map { item in
                let resource = item.resource.map { String(decoding: $0, as: UTF8.self) } ?? "none"
                return "\(item.position) \(item.recordedAt) \(item.category) \(item.rule) \(item.basis) "
                    + "\(item.source) \(item.redaction) \(resource)"
            }
        }
        let (answer, draft) = (view.answer, view.draft)
        return told(draft.items) + ["tombstones"] + told(answer.tombstones) + [
            "\(answer.permitted) \(answer.rule) \(answer.basis) \(answer.position) \(view.policy)",
            "\(draft.withheld) \(draft.concealed) \(draft.sawShielded)", "\(view.hidden.sorted())",
            "\(view.sources.sorted())",
        ]
    }

    private static func request(_ question: Question) -> ViewRequest? {
        guard let patient = question.patient.reference else { return nil }
        return ViewRequest(
            user: question.user, patient: patient, purpose: question.purpose ?? "direct-care",
            profile: question.role, asker: Asker(systemUser: "oracle"))
    }
}
