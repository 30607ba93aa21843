import ArgumentParser
import Foundation
import Intake
import Server

struct ErasuresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erasures", abstract: "What was erased, when, and on whose authority.",
        subcommands: [ErasuresList.self, ErasuresExport.self, ErasuresApply.self])
}

struct ErasuresList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Every erasure ordered, oldest first. It names nobody.")

    @OptionGroup var store: StoreOptions

    func run() throws {
        let all = try store.withStore { try $0.erasures() }
        store.answer(json: { json(all) }, text: { text(all) })
    }

    private func json(_ all: [Store.Erasure]) -> [UInt8] {
        var w = JSONWriter()
        w.object { w in
            w.key("items")
            w.array { w in
                for one in all {
                    w.object { w in
                        w.member("position", one.position.value)
                        w.member("time", one.recordedAt.rfc3339)
                        w.member("target", one.order.target.rawValue)
                        w.member("keySlot", one.order.slot.value)
                        w.member("authority", one.order.authority)
                        w.key("approvedBy")
                        w.array { w in for user in one.order.approvedBy { w.string(user) } }
                        w.member("operator", ifPresent: one.order.operatorUser)
                        w.member("systemUser", one.order.systemUser)
                    }
                }
            }
        }
        return w.finish()
    }

    private func text(_ all: [Store.Erasure]) -> String {
        if all.isEmpty { return "Nothing was erased.\n" }
        var table = Table("ORDER", "TIME", "WHAT", "APPROVED BY", "AUTHORITY")
        for one in all {
            table.add(
                "\(one.position)", "\(one.recordedAt)", one.order.target.rawValue,
                one.order.approvedBy.joined(separator: ", "), PlainText.line(one.order.authority))
        }
        return table.text
    }
}

struct ErasuresExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract:
            "Write the ledger of erasures to a file: what a restore is given, so that nothing erased comes back."
    )

    @Argument(help: ArgumentHelp("The file to write.", valueName: "file"))
    var file: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let (ledger, count) = try store.withStore { (try $0.erasureLedger(), try $0.erasures().count) }
        do { try Data(ledger).write(to: URL(filePath: file), options: .atomic) } catch {
            throw CommandFailure(status: .trouble, message: "\(file) cannot be written: \(error)")
        }
        store.answer {
            var w = JSONWriter()
            w.object { w in
                w.member("file", file)
                w.member("erasures", count)
            }
            return w.finish()
        } text: {
            "Wrote \(Words.count(count, "erasure")) to \(file). Keep it with the backups made before them.\n"
        }
    }
}

struct ErasuresApply: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract:
            "Erase anew what a ledger names and whose keys are there: where an older copy of the key store was put back.",
        discussion: "A restore does so by itself when it is given the ledger.")

    @Argument(help: ArgumentHelp("The ledger, of this store.", valueName: "file"))
    var file: String

    @OptionGroup var actor: ActorOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let ledger = try LedgerFile.read(file)
        let count = try store.withStore { try $0.apply(ledger: ledger, asker: actor.asker) }
        store.answer {
            var w = JSONWriter()
            w.object { w in w.member("keysDestroyed", count) }
            return w.finish()
        } text: {
            count == 0
                ? "Nothing to do: every key that the ledger names is destroyed.\n"
                : "\(Words.count(count, "key")) destroyed anew, and that is in the log.\n"
        }
    }
}

/// A ledger of erasures, as a command is given it.
enum LedgerFile {
    static func read(_ path: String) throws -> [UInt8] {
        do { return [UInt8](try Data(contentsOf: URL(filePath: path))) } catch {
            throw ValidationError("the ledger \(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
