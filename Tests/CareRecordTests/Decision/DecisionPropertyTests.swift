import Foundation
import Testing
import Wire

@testable import CareRecord

@Suite struct DecisionPropertyTests {
    /// `DAYBOOK_SEED` reruns one history, `DAYBOOK_ROUNDS` runs more of them.
    static let environment = ProcessInfo.processInfo.environment
    static let seed = environment["DAYBOOK_SEED"].flatMap { UInt64($0) }
    static let rounds = environment["DAYBOOK_ROUNDS"].flatMap { Int($0) } ?? 400

    @Test func `the decision equals a naive reading of its written semantics`() {
        var outcomes: [String: Int] = [:]
        let first = Self.seed ?? UInt64.random(in: 0 ... .max >> 1)
        for round in 0..<(Self.seed == nil ? Self.rounds : 1) {
            let seed = first &+ UInt64(round)
            var random = RandomWorld(seed: seed)
            for _ in 0..<12 {
                let request = random.request()
                let decided = random.world.history.decide(request, patient: random.world.facts)
                for _ in 0..<8 {
                    let item = random.item()
                    let text =
                        switch decided {
                        case .usage: "usage"
                        case .withhold(let decision, _): PolicyWorld.text(decision)
                        case .concealed(let decision, let told, _):
                            "\(PolicyWorld.text(decision)), told \(PolicyWorld.text(told))"
                        case .permit(let context): PolicyWorld.text(context.decide(item))
                        }
                    let naive = NaiveDecision(random.world, request).decide(item)
                    outcomes[text.split(separator: " [").first.map(String.init) ?? text, default: 0] += 1
                    if let fault = Self.fault(inStepsOf: decided, random.world, request, item) {
                        Issue.record("DAYBOOK_SEED=\(seed): \(fault); \(request) \(item)")
                        return
                    }
                    guard text == naive else {
                        Issue.record("DAYBOOK_SEED=\(seed): \(text), naively \(naive); \(request) \(item)")
                        return
                    }
                }
            }
        }
        guard Self.seed == nil else { return }
        // Every rule must have been met, or this has stopped testing.
        let met = Set(outcomes.keys.compactMap { $0.split(separator: " ").last.map(String.init) })
        #expect(
            met.isSuperset(of: Rule.allCases.map(\.rawValue).filter { $0 != "unknown-patient" }),
            "\(outcomes)")
    }

    /// The rules one by one must tell the same story: the first step that withholds is what is decided.
    static func fault(
        inStepsOf decided: ViewerDecision, _ world: PolicyWorld, _ request: AccessRequest,
        _ item: ItemDescriptor
    ) -> String? {
        let viewerSteps = world.history.viewerSteps(request, patient: world.facts)
        let stopped = viewerSteps.first { $0.outcome == .withheld }
        switch decided {
        case .usage: return viewerSteps.isEmpty ? nil : "steps of no role"
        case .withhold(let decision, _):
            if viewerSteps.isEmpty { return nil }
            return stopped?.rule == decision.rule && stopped?.basis == decision.basis
                ? nil : "\(decision), but in steps \(String(describing: stopped))"
        case .concealed(let decision, _, _):
            if decision.rule == .shield { return stopped == nil ? nil : "stopped by \(stopped!)" }
            return stopped?.rule == decision.rule && stopped?.basis == decision.basis
                ? nil : "\(decision), but in steps \(String(describing: stopped))"
        case .permit(let context):
            let decision = context.decide(item)
            let steps = context.steps(item)
            let withheld = steps.first { $0.outcome == .withheld }
            if stopped != nil { return "permitted, but stopped by \(stopped!)" }
            if decision.permit { return withheld == nil ? nil : "\(decision), but withheld by \(withheld!)" }
            return withheld?.rule == decision.rule && withheld?.basis == decision.basis
                ? nil : "\(decision), but in steps \(String(describing: withheld))"
        }
    }
}
