import EventLog
import Foundation
import Wire

/// Holds a read transaction, and with it a reader's slot, until it is killed.
enum Reading {
    static func run(store: String) throws {
        let log = try EventLog(LogPaths(store: store), mode: .readOnly, options: TortureLog.options())
        try log.scan(from: Position(1), through: Position(1)) { _ in
            say("reading")
            while true { sleep(60) }
        }
    }
}
