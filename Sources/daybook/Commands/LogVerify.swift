import ArgumentParser
import EventLog
import Intake
import Server
import Synchronization
import Wire

struct LogVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Check the log, its indexes, keys, receipts and read models, and name the first bad position.",
        discussion: """
            Every record, tile, commit, checkpoint and index entry is held against the log; every key is opened; every receipt is held \
            against what it commits to; every read model is compared with one folded anew. It may run beside a server, and reads a log \
            whose end is so damaged that nothing else opens it. A run that was interrupted goes on with --resume. Exits 1 where anything is \
            not what was written.
            """)

    @Flag(
        help: "Only what was appended since the newest checkpoint, whose signature is checked. Needs no key.")
    var fast = false

    @Flag(help: "Go on where an interrupted run stopped: what it found good is not read again.")
    var resume = false

    @Flag(help: "Only the log and its indexes: what needs no key.")
    var logOnly = false

    @OptionGroup var store: StoreOptions

    func validate() throws {
        if fast, resume { throw ValidationError("--fast is over soon enough: it does not take --resume") }
    }

    func run() throws {
        try store.insistOnStore()
        var options = StoreVerifyOptions()
        (options.fast, options.resume, options.logOnly) = (fast, resume, logOnly)
        let line = ProgressLine()
        let report = try StoreVerification.run(
            at: store.path, masterKey: store.masterKeySource, options: options
        ) { step, done, total in line.update(step, done, total) }
        line.finish()
        store.answer(json: { report.json }, text: { report.text })
        if !report.isSound { throw CommandEnd(status: .problem) }
    }
}

/// A line of progress for each step.
private final class ProgressLine: Sendable {
    private let current = Mutex<(step: String, progress: Progress)?>(nil)

    func update(_ step: String, _ done: UInt64, _ total: UInt64) {
        let progress = current.withLock { current -> Progress in
            if let current, current.step == step { return current.progress }
            current?.progress.finish()
            let fresh = Progress("verifying \(step)")
            current = (step, fresh)
            return fresh
        }
        progress.update(done, of: total == 0 ? nil : total, unit: step == "keys" ? "keys" : "records")
    }

    func finish() { current.withLock { $0?.progress.finish() } }
}

extension StoreVerifyReport {
    fileprivate var json: [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("ok", isSound)
            w.member("records", log.records)
            w.member("commits", log.commits)
            w.member("tiles", log.tiles)
            w.member("checkpoints", log.checkpoints)
            if let keys { w.member("keys", keys.keys) }
            if let receipts {
                w.member("receipts", receipts)
                w.member("receiptsCompared", digests.compared)
                w.key("receiptsNotCompared")
                w.object { w in
                    w.member("erased", digests.erased)
                    w.member("older", digests.older)
                }
                w.member("itemsNotCompared", digests.itemsTold)
            }
            w.key("head")
            w.object { w in
                w.member("position", log.head.position.value)
                w.member("time", log.head.recordedAt.rfc3339)
            }
            w.member("root", log.head.root.hex)
            if log.from > .start { w.member("from", log.from.next.value) }
            if let behind = log.resumedBehind { w.member("resumedFrom", behind.next.value) }
            if let bad = log.firstBad { w.member("firstBad", bad.value) }
            w.member("trustworthyThrough", log.trustworthyThrough.value)
            w.member("problemCount", log.problemCount)
            for (name, problems) in [
                ("problems", log.problems), ("indexProblems", log.indexProblems),
                ("receiptProblems", receiptProblems), ("erasureProblems", erasureProblems),
            ] {
                w.key(name)
                w.array { w in
                    for problem in problems {
                        w.object { w in
                            w.member("position", problem.position.value)
                            w.member("what", problem.what)
                        }
                    }
                }
            }
            w.key("keyProblems")
            w.array { w in for problem in keys?.problems ?? [] { w.string(problem) } }
            w.key("readModels")
            w.array { w in
                for view in views {
                    w.object { w in
                        w.member("name", view.name)
                        if let position = view.position { w.member("position", position.value) }
                        w.member("problem", ifPresent: view.problem)
                        w.member("stuck", ifPresent: view.stuck)
                        w.member("absent", ifPresent: view.absent)
                    }
                }
            }
            w.key("notChecked")
            w.array { w in for what in notChecked { w.string(what) } }
        }
        return w.finish()
    }

    fileprivate var text: String {
        var lines = isSound ? soundLines : problemLines
        let behind = views.filter { view in
            view.problem == nil && view.stuck == nil && view.position.map { $0 < log.head.position } ?? false
        }
        if !behind.isEmpty {
            lines.append(
                "Folded up to there only, until somebody reads them: "
                    + behind.map { "\($0.name) \($0.position.map { "\($0)" } ?? "")" }.joined(separator: ", ")
                    + ".")
        }
        for view in views where view.absent != nil {
            lines.append(
                "The read model \(view.name) was not compared: \(view.absent ?? "")."
            )
        }
        if let behind = log.resumedBehind {
            let rest = behind < log.head.position ? "read from \(behind.next) on" : "not read again"
            lines.append("The log was \(rest): an earlier run read it up to \(behind).")
        }
        lines += notChecked.map { "Not checked: \($0)." } + digestLines
        return lines.joined(separator: "\n") + "\n"
    }

    private var digestLines: [String] {
        var lines: [String] = []
        if digests.compared > 0 {
            lines.append(
                "Of \(Words.count(digests.compared, "receipt")) the digest is that of the versions they name."
            )
        }
        if digests.itemsTold > 0 {
            lines.append(
                "Of \(Words.count(digests.itemsTold, "item")) in them a redaction was shown: its own digest was not compared."
            )
        }
        if digests.older + digests.erased > 0 {
            lines.append(
                "Not compared: \(Words.count(digests.older, "receipt")) from before they said what was shown in place of a "
                    + "version, \(Words.count(digests.erased, "receipt")) of the erased.")
        }
        return lines
    }

    private var counted: String {
        "\(Words.count(log.records, "record")), \(Words.count(log.commits, "commit")), "
            + "\(Words.count(log.tiles, "tile")), \(Words.count(log.checkpoints, "checkpoint"))"
    }

    private var soundLines: [String] {
        if log.from == log.head.position {
            return [
                "Nothing was appended since the checkpoint of \(Words.count(log.from.value, "record")).",
                "Root \(log.head.root.hex)",
            ]
        }
        var parts = [counted]
        if log.indexesChecked { parts.append("the indexes") }
        if let keys { parts.append(Words.count(keys.keys, "key")) }
        if let receipts { parts.append(Words.count(receipts, "receipt")) }
        let compared = views.filter { $0.position != nil }.map(\.name)
        if !compared.isEmpty { parts.append("the read models \(compared.joined(separator: ", "))") }
        let reach =
            log.from > .start ? "from \(log.from.next) to \(log.head.position)" : "up to \(log.head.position)"
        return [
            "Sound: \(parts.joined(separator: ", ")) are what was written, \(reach).",
            "Root \(log.head.root.hex)",
        ]
    }

    private var problemLines: [String] {
        var lines = ["NOT SOUND: \(counted), and \(Words.count(log.problemCount, "problem")) in the log."]
        lines += log.problems.map { "  \($0)" }
        let more = Int(log.problemCount) - log.problems.count
        if more > 0 { lines.append("  and \(more) more") }
        if log.problemCount > 0 {
            lines.append(
                "Everything up to \(log.trustworthyThrough) is vouched for. Copy the store aside before anything else."
            )
        }
        func add(_ title: String, _ problems: [String]) {
            if problems.isEmpty { return }
            lines.append(title)
            lines += problems.map { "  \($0)" }
        }
        add(
            "In the indexes, which can be deleted (views/index) and are built anew from the log:",
            log.indexProblems.map(\.description))
        add("In the keys, which only a backup brings back:", keys?.problems ?? [])
        add("In the receipts:", receiptProblems.map(\.description))
        add("In what was ordered to be erased:", erasureProblems.map(\.description))
        add(
            "In read models, which `daybook projections rebuild NAME` builds anew from the log:",
            views.compactMap { view in view.problem.map { "\(view.name): \($0)" } })
        add(
            "Read models that the log cannot be folded into any further, built anew or not:",
            views.compactMap { view in
                view.stuck.map { "\(view.name), from \((view.position ?? .start).next) on: \($0)" }
            })
        return lines
    }
}
