import ArgumentParser
import EventLog
import Foundation
import Intake
import Server
import Wire

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract:
            "Copy the store into a folder, beside whoever writes it: what is new since the last time, keys and checkpoints whole.",
        discussion: """
            Cut short, the next run goes on, and the backup before it stays good until then. It needs no key; the keys in it are wrapped, and are as \
            worth keeping apart as the store's. Read models are not in it: they are built anew from the log.
            """)

    @Argument(help: ArgumentHelp("The backup's folder: one for each store.", valueName: "dir"))
    var folder: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        try store.insistOnStore()
        let progress = Progress("copying")
        defer { progress.finish() }
        let report = try Store.backUp(store.path, to: folder) { copied, target in
            progress.update(copied.value, of: target.value, unit: "records")
        }
        progress.finish()
        store.answer {
            var w = JSONWriter()
            w.object { w in
                w.member("folder", folder)
                w.member("records", report.records)
                w.member("bytes", report.bytes)
                w.member("keyBytes", report.keyBytes)
                w.key("head")
                w.object { w in
                    w.member("position", report.head.position.value)
                    w.member("time", report.head.recordedAt.rfc3339)
                }
                w.member("root", report.head.root.hex)
            }
            return w.finish()
        } text: {
            """
            Backed up to \(report.head.position), \(Words.count(report.records, "record")) of it new (\(report.bytes) bytes), \
            and all keys (\(report.keyBytes) bytes).
            Root \(report.head.root.hex)

            """
        }
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract:
            "Make a store from a backup, checking every byte of it. The store's folder must not be there yet.",
        discussion: """
            The backup's keys are wrapped by the master key of its time. What was erased after the backup was made comes back, unless the ledger of \
            erasures says so: --ledger FILE erases it before the store is there. `daybook erasures export` writes it.
            """)

    @Argument(help: ArgumentHelp("The backup's folder.", valueName: "dir"))
    var folder: String

    @Option(help: ArgumentHelp("The ledger of erasures; needs the master key.", valueName: "file"))
    var ledger: String?

    @OptionGroup var actor: ActorOptions
    @OptionGroup var store: StoreOptions

    func run() throws {
        let bytes = try ledger.map { try LedgerFile.read($0) }
        let progress = Progress("restoring")
        defer { progress.finish() }
        let done = try Store.restore(
            folder, to: store.path, ledger: bytes, masterKey: store.masterKeySource, asker: actor.asker
        ) { restored, target in progress.update(restored.value, of: target.value, unit: "records") }
        progress.finish()
        store.answer {
            var w = JSONWriter()
            w.object { w in
                w.member("store", store.path)
                w.key("head")
                w.object { w in
                    w.member("position", done.head.position.value)
                    w.member("time", done.head.recordedAt.rfc3339)
                }
                w.member("root", done.head.root.hex)
                w.member("erased", done.erased)
            }
            return w.finish()
        } text: {
            """
            Restored \(store.path) up to \(done.head.position), checked against its root.
            Root \(done.head.root.hex)
            \(erasedLine(done.erased))

            """
        }
    }

    private func erasedLine(_ count: Int) -> String {
        if ledger == nil {
            return
                "What was erased after the backup was made is back: if there is a ledger of erasures, restore with --ledger."
        }
        return count == 0
            ? "The ledger names nothing that this backup still held."
            : "The ledger's erasures are done: \(Words.count(count, "key")) destroyed."
    }
}
