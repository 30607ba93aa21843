import EventLog
import Foundation

/// Reads a key store over and over beside a process that destroys keys in it, until a file `FOLDER.stop` is there: as `verify` does
/// (kind 0), or key by key (kind 1). Ends with 1 where an answer is wrong.
enum KeyReading {
    static func run(keys: String, last: UInt64, kind: UInt64) throws {
        let master = try MasterKey.load(.file(path: keys + ".key"))
        func goesOn() -> Bool { access(keys + ".stop", F_OK) != 0 }
        var times = 0
        if kind == 0 {
            repeat {
                let report = try KeyVerification.run(at: keys, master: master)
                if !report.isSound { fail("\(report.problems)") }
                times += 1
                if times == 1 { say("begun") }
            } while goesOn()
        } else {
            let store = try KeyStore(at: keys, master: master, readOnly: true)
            var gone: Set<UInt64> = []
            repeat {
                // What is in memory already is not read: this is, and finds that the file was replaced.
                _ = try store.version()
                let slot = UInt64.random(in: KeySlot.firstFree.value...last)
                do throws(LogError) {
                    _ = try store.key(KeySlot(slot))
                    if gone.contains(slot) { fail("slot \(slot) lives again") }
                } catch .destroyed { gone.insert(slot) }
                times += 1
                if times == 1 { say("begun") }
            } while goesOn()
        }
        say("\(times) times")
    }

    private static func fail(_ what: String) -> Never {
        say("wrong: \(what)")
        exit(1)
    }
}
