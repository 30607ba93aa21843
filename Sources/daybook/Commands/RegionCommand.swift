import ArgumentParser
import CareRecord
import Intake
import Server

struct RegionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "region", abstract: "The region's policy: organisations, agreements, roles, users.",
        subcommands: [RegionApply.self])
}

struct RegionApply: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract:
            "Compare a region file with the policy in force, and append the events that make the difference.",
        discussion: """
            The file is checked whole before any of it is applied; an error names the file, the line and the field. What is \
            new is signed or registered, what changed is amended, what is gone is ended. A change that widens access needs \
            --approved-by someone else, except a store's first file.
            """)

    @Argument(help: ArgumentHelp("The region, in YAML.", valueName: "file.yaml"))
    var file: String

    @Flag(help: "List the changes, and who would gain and who lose sight of what; append nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Who approved it: a user other than the operator.", valueName: "user"))
    var approvedBy: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let input = try PolicyInput(file)
        let region = try input.checked { bytes throws(PolicyFileError) in
            try RegionFile(bytes, file: file, beside: { InputFiles.beside(file, named: $0) })
        }
        let now = try clock.instant()
        let outcome = try store.withStore(now: now) {
            try $0.applyRegion(
                region, fileName: input.name, dryRun: dryRun, approvedBy: approvedBy, asker: actor.asker)
        }
        store.answer(json: { json(outcome) }, text: { text(outcome) })
    }

    private func json(_ outcome: Store.RegionOutcome) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("dryRun", dryRun)
            w.key("changes")
            w.array { w in
                for fact in outcome.facts {
                    w.object { w in
                        w.member("kind", fact.summary.kind.rawValue)
                        w.member("id", fact.summary.id)
                        w.member("widens", outcome.widening.contains(fact))
                    }
                }
            }
            w.key("effects")
            w.array { w in for effect in outcome.effects { write(effect, into: &w) } }
            w.key("positions")
            w.array { w in
                for position in [outcome.appended?.first, outcome.appended?.last] {
                    if let position { w.int(position.value) }
                }
            }
            w.key("notices")
            w.array { w in for notice in outcome.notices { w.string(notice) } }
        }
        return w.finish()
    }

    private func write(_ effect: RegionEffect, into w: inout JSONWriter) {
        w.object { w in
            w.member("who", effect.who)
            for (name, words) in [("gains", effect.gains), ("loses", effect.loses)] {
                w.key(name)
                w.array { w in for word in words { w.string(word) } }
            }
        }
    }

    private func text(_ outcome: Store.RegionOutcome) -> String {
        var lines: [String] = []
        if outcome.facts.isEmpty {
            lines.append("The file is the policy in force already: nothing to change.")
        } else if let appended = outcome.appended {
            lines.append(
                "Applied \(Words.count(outcome.facts.count, "change"))\(Words.places(appended.first, appended.last)):"
            )
        } else {
            lines.append("Would apply \(Words.count(outcome.facts.count, "change")), nothing was appended:")
        }
        lines += dryRun ? each(outcome) : counted(outcome.facts)
        if dryRun { lines += effects(outcome.effects) }
        if !outcome.widening.isEmpty, dryRun {
            lines.append(
                "\(Words.count(outcome.widening.count, "change")) may widen access (marked +); beyond a store's first file, "
                    + "that takes --approved-by somebody else.")
        }
        lines += outcome.notices.map { "Notice: \($0)" }
        return lines.map { PlainText.line($0, keepingIndent: true) }.joined(separator: "\n") + "\n"
    }

    private func effects(_ effects: [RegionEffect]) -> [String] {
        if effects.isEmpty { return ["Nobody gains or loses sight of anything."] }
        return ["Who would gain (+) and lose (-) sight of what:"]
            + effects.flatMap { effect in
                effect.gains.map { "  + \(effect.who): \($0)" }
                    + effect.loses.map { "  - \(effect.who): \($0)" }
            }
    }

    private func each(_ outcome: Store.RegionOutcome) -> [String] {
        outcome.facts.map { fact in
            "  \(outcome.widening.contains(fact) ? "+" : " ") \(Words.spaced(fact.summary.kind.rawValue)) \(fact.summary.id)"
        }
    }

    /// One line a kind: a first file makes hundreds of facts.
    private func counted(_ facts: [RegionFact]) -> [String] {
        var counts: [(kind: String, ids: [String])] = []
        for fact in facts {
            let (kind, id) = (Words.spaced(fact.summary.kind.rawValue), fact.summary.id)
            if let index = counts.firstIndex(where: { $0.kind == kind }) {
                counts[index].ids.append(id)
            } else {
                counts.append((kind, [id]))
            }
        }
        return counts.map { kind, ids in
            let more = ids.count > 4 ? ", and \(ids.count - 4) more" : ""
            return "  \(kind): \(ids.prefix(4).joined(separator: ", "))\(more)"
        }
    }
}
