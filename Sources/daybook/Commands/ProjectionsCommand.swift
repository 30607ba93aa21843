import ArgumentParser
import Intake
import Server

struct ProjectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "projections", abstract: "Read models: everything in them comes from the log.",
        subcommands: [ProjectionsList.self, ProjectionsRebuild.self])
}

struct ProjectionsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Each of them, and how far it is folded.")

    @OptionGroup var store: StoreOptions

    func run() throws {
        let all = try store.withStore { try $0.projections() }
        store.answer(json: { json(all) }, text: { text(all) })
    }

    private func json(_ all: [Store.ProjectionStatus]) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.key("items")
            w.array { w in
                for one in all {
                    w.object { w in
                        w.member("name", one.name)
                        w.member("version", one.version)
                        w.member("position", one.position.value)
                        w.member("head", one.head.value)
                    }
                }
            }
        }
        return w.finish()
    }

    private func text(_ all: [Store.ProjectionStatus]) -> String {
        var table = Table("NAME", "VERSION", "FOLDED TO", "BEHIND")
        for one in all {
            table.add(one.name, "\(one.version)", "\(one.position)", "\(one.head.value - one.position.value)")
        }
        return table.text
    }
}

struct ProjectionsRebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Build one anew from the log beside the old one, compare them, and swap.",
        discussion: "Exits 1 where the old one differed: it was wrong, and is replaced.")

    @Argument(help: ArgumentHelp("As `projections list` names it.", valueName: "name"))
    var name: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let progress = Progress("rebuilding \(name)")
        let report = try store.withStore { store in
            defer { progress.finish() }
            return try store.rebuildProjection(name) {
                progress.update($0.value, of: $1.value, unit: "records")
            }
        }
        store.answer {
            var w = JSONWriter()
            w.object { w in
                w.member("name", name)
                w.member("position", report.position.value)
                w.member("equal", report.difference == nil)
                w.member("difference", ifPresent: report.difference)
                w.member("swapped", report.isSwapped)
            }
            return w.finish()
        } text: {
            let verdict =
                report.difference.map { "The old one differed: \(PlainText.line($0))." }
                ?? "It equals the old one."
            return "Rebuilt \(name) up to \(report.position). \(verdict) "
                + (report.isSwapped ? "The new one is in use.\n" : "The old one stays in use.\n")
        }
        if report.difference != nil { throw CommandEnd(status: .problem) }
    }
}
