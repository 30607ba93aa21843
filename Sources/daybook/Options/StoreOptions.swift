import ArgumentParser
import EventLog
import Foundation
import Server
import Wire

/// Where the store is, what opens it, and the form of the answer: what every command takes.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store's folder (default: DAYBOOK_STORE, else ./daybook-store).", valueName: "dir"))
    var store: String?

    @Option(
        help: ArgumentHelp(
            "The master key: a file, env:NAME or command:COMMAND (default: DAYBOOK_MASTER_KEY, else STORE.key).",
            valueName: "source"))
    var masterKey: String?

    @Option(help: "text for people, json for programs.")
    var format: AnswerFormat = .text

    /// Without a slash at its end: the master key's file is named after it.
    var path: String {
        var path = store ?? Self.environment("DAYBOOK_STORE") ?? "./daybook-store"
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    var masterKeySource: MasterKeySource? {
        (masterKey ?? Self.environment("DAYBOOK_MASTER_KEY")).map { MasterKeySource($0) }
    }

    /// How the log is opened: `DAYBOOK_LOG_MAP_BYTES` is the address space for it, which a full map asks to be raised.
    ///
    /// - Throws: `CommandFailure`: usage, where that is no size.
    func logOptions() throws -> LogOptions {
        var options = LogOptions()
        guard let text = Self.environment(Self.mapVariable) else { return options }
        guard let bytes = Int(text), (1 << 20...1 << 46).contains(bytes) else {
            throw CommandFailure(
                status: .usage,
                message:
                    "\(Self.mapVariable)=\(text): a number of bytes, from 1048576 (1 MiB) to 70368744177664 (64 TiB)"
            )
        }
        options.mapBytes = bytes
        return options
    }

    private static let mapVariable = "DAYBOOK_LOG_MAP_BYTES"

    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    func validate() throws {
        if store == "" { throw ValidationError("--store is empty: name the store's folder, or leave it out") }
        if masterKey == "" {
            throw ValidationError("--master-key is empty: name a file, env:NAME or command:COMMAND")
        }
    }

    /// Opens the store for a command, and closes it whatever becomes of that.
    ///
    /// Where a server holds it, the whole command is run over there instead, and ends here with what it came to.
    func withStore<T>(now: Instant? = nil, _ body: (Store) throws -> T) throws -> T {
        if let served = ServedCommand.current {
            if let now { try served.store.setClock(to: now) }
            return try body(served.store)
        }
        try ForwardedCommand.runWhereServed(StorePaths(path).control)
        guard FileManager.default.fileExists(atPath: StorePaths(path).log) else {
            throw CommandFailure(
                status: .trouble,
                message: "there is no store at \(path): make one with `daybook init --store \(path)`")
        }
        let store = try Store(at: path, now: now, masterKey: masterKeySource, options: try logOptions())
        defer { store.close() }
        return try body(store)
    }

    /// Opens the log alone, for reading: beside whoever writes it, and without the master key. In a command that a server runs it is the
    /// server's own, which a process opens once.
    func withLog<T>(_ body: (EventLog) throws -> T) throws -> T {
        if let served = ServedCommand.current { return try body(served.store.log) }
        try insistOnStore()
        let log = try EventLog(LogPaths(store: path), mode: .readOnly)
        defer { log.close() }
        return try body(log)
    }

    /// - Throws: `CommandFailure`: trouble, where there is no store.
    func insistOnStore() throws {
        guard !FileManager.default.fileExists(atPath: StorePaths(path).log) else { return }
        throw CommandFailure(
            status: .trouble,
            message: "there is no store at \(path): make one with `daybook init --store \(path)`")
    }

    /// Prints the answer in the form asked for.
    func answer(json: () throws -> [UInt8], text: () throws -> String) rethrows {
        switch format {
        case .json: Output.write(try json() + [UInt8(ascii: "\n")])
        case .text: Output.write(try text())
        }
    }
}

enum AnswerFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}
