import ArgumentParser
import CareRecord
import Foundation
import Intake
import Server

struct EraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase what is held of a patient, by destroying the keys it is sealed under. For good.",
        discussion: """
            One source's record by default: name it as ODS:LOCALID, or by an NHS number that only one bears. --all-linked takes every record \
            linked with it: the first time it lists them and a code, and --confirm CODE goes on. It also takes what facts that name their NHS \
            numbers say beyond what decides, and the quarantined messages that name the person. Who looked at the record stays known. Two users \
            approve, neither of them the operator: both with the activity view-audit, one of them with open-case. A legal hold forbids it.

            Backups made before hold the keys still: `daybook erasures export` writes the ledger that a restore is to be given.
            """)

    @OptionGroup var patient: PatientOption

    @Option(
        help: ArgumentHelp(
            "On what ground. Every later answer about the patient says it: name no person in it.",
            valueName: "text"))
    var authority: String

    @Option(help: ArgumentHelp("Who approved it; twice, two different users.", valueName: "user"))
    var approvedBy: [String] = []

    @Flag(help: "Every record linked with it, not one.")
    var allLinked = false

    @Flag(help: "List what it would take; erase nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("The code of the list that was seen.", valueName: "code"))
    var confirm: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let request = ErasureRequest(
            patient: try patient.reference(), authority: authority, approvedBy: approvedBy,
            allLinked: allLinked, confirmation: confirm, asker: actor.asker)
        let now = try clock.instant()
        if dryRun || (allLinked && confirm == nil) {
            let plan = try store.withStore(now: now) { try $0.erasurePlan(request) }
            store.answer(json: { json(plan, nil) }, text: { list(plan) })
            if !dryRun { throw CommandEnd(status: .usage) }
            return
        }
        let done = try store.withStore(now: now) { try $0.erase(request) }
        store.answer(json: { json(done.plan, done) }, text: { text(done) })
    }

    private func json(_ plan: ErasurePlan, _ done: ErasureReport?) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("erased", done != nil)
            for (name, subjects) in [("subjects", plan.subjects), ("staying", plan.staying)] {
                w.key(name)
                w.array { w in for subject in subjects { w.string(subject.description) } }
            }
            w.member("numbers", plan.numbers)
            w.key("quarantined")
            w.array { w in for id in plan.quarantined { w.string(id) } }
            guard let done else { return w.member("code", plan.code) }
            w.key("ordered")
            w.array { w in for position in [done.ordered.first, done.ordered.last] { w.int(position.value) } }
            w.member("destroyed", done.destroyed.value)
        }
        return w.finish()
    }

    private func takes(_ plan: ErasurePlan) -> [String] {
        var lines = plan.subjects.map { "  the record \($0)" }
        if plan.numbers > 0 {
            lines.append(
                "  the reasons and evidence of facts that name \(Words.count(plan.numbers, "NHS number"))")
        }
        if !plan.quarantined.isEmpty {
            lines.append(
                "  quarantined messages that name the person: \(plan.quarantined.joined(separator: ", "))")
        }
        if !plan.staying.isEmpty {
            let names = plan.staying.map(\.description).joined(separator: ", ")
            lines.append("Linked with it, and staying: \(names)")
        }
        return lines
    }

    private func list(_ plan: ErasurePlan) -> String {
        let lines =
            ["It would take, for good:"] + takes(plan)
            + ["Nothing was erased. To go on, add --confirm \(plan.code)"]
        return lines.map { PlainText.line($0, keepingIndent: true) }.joined(separator: "\n") + "\n"
    }

    private func text(_ done: ErasureReport) -> String {
        let lines =
            ["Erased\(Words.places(done.ordered.first, done.ordered.last)):"] + takes(done.plan)
            + [
                "Its keys are destroyed, as \(done.destroyed) says.",
                "Backups made before now hold them still: keep a ledger with them (daybook erasures export FILE).",
            ]
        return lines.map { PlainText.line($0, keepingIndent: true) }.joined(separator: "\n") + "\n"
    }
}
