import EventLog
import Foundation

/// Reads a key store over and over beside a process that destroys keys in it, until a file `FOLDER.stop` is there: as `verify` does
/// (kind 0), or key by key (kind 1). Ends with an error where an answer is wrong.
enum KeyReading {
    private struct Wrong: Error { var what: String }

    static func run(keys: String, last: UInt64, kind: UInt64) throws {
        let master = MasterKeySource.file(path: keys + ".key")
        let times = try kind == 0 ? verifying(keys, master) : keyByKey(keys, master, last)
        say("\(times) times")
    }

    private static func goesOn(_ keys: String) -> Bool { access(keys + ".stop", F_OK) != 0 }

    private static func verifying(_ keys: String, _ master: MasterKeySource) throws -> Int {
        var times = 0
        repeat {
            let report = try KeyVerification.run(at: keys, master: try MasterKey.load(master))
            if !report.isSound { throw Wrong(what: "\(report.problems)") }
            times += 1
            if times == 1 { say("begun") }
        } while goesOn(keys)
        return times
    }

    private static func keyByKey(_ keys: String, _ master: MasterKeySource, _ last: UInt64) throws -> Int {
        let store = try KeyStore(at: keys, master: try MasterKey.load(master), readOnly: true)
        var (times, gone) = (0, Set<UInt64>())
        repeat {
            // What is in memory already is not read: this is, and finds that the file was replaced.
            _ = try store.version()
            let slot = UInt64.random(in: KeySlot.firstFree.value...last)
            if try isThere(KeySlot(slot), store) {
                if gone.contains(slot) { throw Wrong(what: "slot \(slot) lives again") }
            } else {
                gone.insert(slot)
            }
            times += 1
            if times == 1 { say("begun") }
        } while goesOn(keys)
        return times
    }

    private static func isThere(_ slot: KeySlot, _ store: KeyStore) throws -> Bool {
        do {
            _ = try store.key(slot)
            return true
        } catch LogError.destroyed { return false }
    }
}
