import ArgumentParser
import CareRecord
import Intake
import Server

struct AccessAlerts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract:
            "Alerts, oldest first: overrides, self-claimed relationships, sight of a shielded patient's whereabouts, unlinks."
    )

    @Option(
        help: ArgumentHelp("Only those about this patient: an NHS number, or ODS:LOCALID.", valueName: "who"))
    var patient: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let who = try patient.map { try PatientOption.reference($0) }
        let found = try store.withStore(now: try clock.instant()) { try $0.alerts(who, asker: actor.asker) }
        store.answer(json: { json(found) }, text: { text(found) })
    }

    private func json(_ found: [RaisedAlert]) -> [UInt8] {
        var w = JSONWriter(capacity: 64 + found.count * 192)
        w.object { w in
            w.key("items")
            w.array { w in
                for raised in found {
                    w.object { w in
                        w.member("position", raised.position.value)
                        w.member("time", raised.raisedAt.rfc3339)
                        w.member("kind", raised.alert.kind.rawValue)
                        w.member("about", raised.about.value)
                        w.member("user", ifPresent: raised.alert.user)
                        w.key("organisations")
                        w.array { w in for ods in raised.alert.organisations { w.string(ods) } }
                        w.member("override", ifPresent: raised.alert.override)
                    }
                }
            }
        }
        return w.finish()
    }

    private func text(_ found: [RaisedAlert]) -> String {
        if found.isEmpty { return "No alert was raised.\n" }
        var table = Table("ALERT", "TIME", "KIND", "ABOUT", "USER", "ORGANISATIONS")
        for raised in found {
            table.add(
                "\(raised.position)", "\(raised.raisedAt)",
                raised.alert.kind.rawValue + (raised.alert.override.map { ", \($0)" } ?? ""),
                "\(raised.about)", raised.alert.user ?? "-",
                raised.alert.organisations.joined(separator: ", "))
        }
        return table.text
    }
}
