import Foundation

// A process that appends, for tests to kill, to starve and to trip. What it says on standard output it says at once:
//
//     clients STORE START…     a client for each START, which sends its messages from that number on, for ever
//     model STORE SEED COUNT   random append calls, and now and then a close and an open, as LogModel makes them
//     script STORE COUNT       append calls of every size, one after another, and what an error leaves
//     keys FOLDER LAST KIND    reads a key store, beside a process that destroys keys in it
//     kept STORE COUNT         append calls that each take many keys, and what an error of the keys or the index leaves
//     aside STORE COUNT        checkpoints beside clients, and whether anything is appended once one could not be kept
//     reading STORE 0          reads a record, and stays there until it is killed
//     stopped FOLDER COUNT     reads a key store, and stands still after so many entries

let arguments = CommandLine.arguments
guard arguments.count > 3 else { exit(2) }
let numbers = arguments[3...].compactMap { UInt64($0) }
do {
    switch arguments[1] {
    case "clients": try Clients.run(store: arguments[2], starts: numbers)
    case "model": try ModelRun.run(store: arguments[2], seed: numbers[0], count: Int(numbers[1]))
    case "script": try ScriptRun.run(store: arguments[2], count: Int(numbers[0]))
    case "keys": try KeyReading.run(keys: arguments[2], last: numbers[0], kind: numbers[1])
    case "kept": try KeptRun.run(store: arguments[2], count: Int(numbers[0]))
    case "aside": try AsideRun.run(store: arguments[2], count: Int(numbers[0]))
    case "reading": try Reading.run(store: arguments[2])
    case "stopped": try StoppedReading.run(keys: arguments[2], after: Int(numbers[0]))
    default: exit(2)
    }
} catch {
    say("not opened: \(error)")
    exit(4)
}

/// Each line at once and whole: what was said is what was known when it was said.
func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}
