import ArgumentParser
import EventLog
import Foundation
import Intake
import Server

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The master key, which wraps all others.",
        subcommands: [KeysRotate.self])
}

struct KeysRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Wrap every key of the store under another master key. The log is not touched.",
        discussion: """
            Afterwards the old master key opens nothing in the store. Backups made before still need it. Cut short, the store has \
            the one or the other master key, never both.
            """)

    @Option(
        help: ArgumentHelp(
            "The new master key: a file, env:NAME or command:COMMAND. A file that is not there is made.",
            valueName: "source"))
    var to: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let source = MasterKeySource(to)
        var creates = false
        if case .file(let path) = source { creates = !FileManager.default.fileExists(atPath: path) }
        try store.withStore { try $0.rotateMasterKey(to: source, create: creates) }
        store.answer {
            var w = JSONWriter()
            w.object { w in
                w.member("rotated", true)
                w.member("made", creates)
            }
            return w.finish()
        } text: {
            """
            Every key is wrapped under the new master key\(creates ? ", which was made in \(to): keep a copy elsewhere" : "").
            From now on name it with --master-key or DAYBOOK_MASTER_KEY. Backups made before still need the old one.

            """
        }
    }
}
