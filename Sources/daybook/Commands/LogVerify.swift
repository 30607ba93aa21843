import ArgumentParser
import EventLog
import Intake
import Server
import Wire

struct LogVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Check every record, tile, commit and index entry against the log, and name the first bad position.",
        discussion:
            "Needs no key, and may run beside a writer. Exits 1 where anything is not what was written.")

    @OptionGroup var store: StoreOptions

    func run() throws {
        try store.insistOnStore()
        let report: VerifyReport
        do { report = try verify() } catch let error as LogError where error.isDamage {
            // The log is so damaged that it does not open: that is what was looked for.
            store.answer(
                json: { Self.json(unreadable: error) },
                text: { "NOT SOUND: the log does not open: \(error)\n" })
            throw CommandEnd(status: .problem)
        }
        store.answer(json: { Self.json(report) }, text: { Self.text(report) })
        if !report.isSound { throw CommandEnd(status: .problem) }
    }

    private func verify() throws -> VerifyReport {
        let progress = Progress("verifying")
        return try store.withLog { log in
            defer { progress.finish() }
            let head = try log.head.position
            return try log.verify { progress.update($0.value, of: head.value, unit: "records") }
        }
    }

    private static func json(unreadable error: LogError) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("ok", false)
            if case .corrupt(let position, _) = error { w.member("firstBad", position.value) }
            w.member("unreadable", error.description)
        }
        return w.finish()
    }

    private static func json(_ report: VerifyReport) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.member("ok", report.isSound)
            w.member("records", report.records)
            w.member("commits", report.commits)
            w.member("tiles", report.tiles)
            w.key("head")
            w.object { w in
                w.member("position", report.head.position.value)
                w.member("time", report.head.recordedAt.rfc3339)
            }
            w.member("root", report.head.root.hex)
            if let bad = report.firstBad { w.member("firstBad", bad.value) }
            w.member("trustworthyThrough", report.trustworthyThrough.value)
            w.member("problemCount", report.problemCount)
            for (name, problems) in [("problems", report.problems), ("indexProblems", report.indexProblems)] {
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
        }
        return w.finish()
    }

    private static func text(_ report: VerifyReport) -> String {
        let counted =
            "\(Words.count(report.records, "record")), \(Words.count(report.commits, "commit")), "
            + Words.count(report.tiles, "tile")
        var lines: [String] = []
        if report.isSound {
            lines.append(
                "Sound: \(counted) and the indexes are what was written, up to \(report.head.position).")
            lines.append("Root \(report.head.root.hex)")
        } else {
            lines.append(
                "NOT SOUND: \(counted), and \(Words.count(report.problemCount, "problem")) in the log.")
            lines += report.problems.map { "  \($0)" }
            let more = Int(report.problemCount) - report.problems.count
            if more > 0 { lines.append("  and \(more) more") }
            if report.problemCount > 0 {
                lines.append(
                    "Everything up to \(report.trustworthyThrough) is vouched for. Copy the store aside before anything else."
                )
            }
            if !report.indexProblems.isEmpty {
                lines.append(
                    "In the indexes, which can be deleted (views/index) and are built anew from the log:")
                lines += report.indexProblems.map { "  \($0)" }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension LogError {
    /// Something is there and is not what was written.
    fileprivate var isDamage: Bool {
        switch self {
        case .corrupt, .damaged: true
        default: false
        }
    }
}
