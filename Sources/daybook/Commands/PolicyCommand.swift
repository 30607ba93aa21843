import ArgumentParser
import EventLog
import Intake
import Server

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Facts about patients' sharing: relationships, permissions, restrictions, links.",
        subcommands: [PolicyRecord.self])
}

struct PolicyRecord: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Record the facts of a file as events, in order, all or nothing.")

    @Argument(
        help: ArgumentHelp("The facts, in YAML; - reads them from standard input.", valueName: "file.yaml"))
    var file: String

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let input = try PolicyInput(file)
        let now = try clock.instant()
        let (count, appended) = try store.withStore(now: now) { store in
            let declared = try store.regionDeclaration()
            let facts = try input.checked { bytes throws(PolicyFileError) in
                try PatientPolicyFile(
                    bytes, file: file, calendar: declared.settings?.calendar ?? .london, declared: declared)
            }
            return (facts.drafts.count, try store.recordPolicy(facts.drafts, asker: actor.asker))
        }
        store.answer(json: { json(count, appended) }) {
            "Recorded \(Words.count(count, "fact"))\(Words.places(appended?.first, appended?.last)).\n"
        }
    }

    private func json(_ count: Int, _ appended: AppendOutcome.Appended?) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("recorded", count)
            w.key("positions")
            w.array { w in
                for position in [appended?.first, appended?.last] {
                    if let position { w.int(position.value) }
                }
            }
        }
        return w.finish()
    }
}
