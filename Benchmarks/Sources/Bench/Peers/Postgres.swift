import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A PostgreSQL server of our own: a new cluster in the run's folder, on a Unix socket only, as durable as it comes.
///
/// PostgreSQL refuses to run as root, so root runs it as the user `postgres`, or `nobody`. The server is told to stop
/// when the process that started it dies.
final class Postgres {
    /// Debian's, newest first: the figures are stated against 15.
    static let binFolders = ["15", "16", "17", "14", "13"].map { "/usr/lib/postgresql/\($0)/bin" }

    /// The folder of the socket, which is what clients connect to.
    let socketFolder: String
    private let server = Process()
    private let data: String

    /// Makes a cluster and waits until it answers.
    ///
    /// - Parameter folder: where it lies; under `/var/tmp` where the user that it runs as may not pass through the folder's parents.
    init(in folder: String) throws {
        let files = FileManager.default
        guard let bin = Self.binFolders.first(where: { files.isExecutableFile(atPath: $0 + "/postgres") })
        else {
            throw PeerPrograms.Missing(what: "postgresql")
        }
        let (home, user) = try Self.home(in: folder)
        data = home + "/data"
        socketFolder = home
        try Self.run(
            user + [
                "\(bin)/initdb", "-D", data, "-U", "bench", "-A", "trust", "--no-sync", "-E", "UTF8",
                "--locale=C",
            ],
            in: home)
        try Self.settings(socketFolder: home).write(
            toFile: data + "/postgresql.auto.conf", atomically: false, encoding: .utf8)
        // A smart shutdown would wait for clients: SIGINT, the fast one.
        let command =
            ["/usr/bin/setpriv", "--pdeathsig", "INT"] + user.dropFirst() + ["\(bin)/postgres", "-D", data]
        server.executableURL = URL(fileURLWithPath: command[0])
        server.arguments = Array(command.dropFirst())
        server.currentDirectoryURL = URL(fileURLWithPath: home)
        let log = home + "/log"
        _ = files.createFile(atPath: log, contents: nil)
        server.standardOutput = FileHandle(forWritingAtPath: log)
        server.standardError = FileHandle(forWritingAtPath: log)
        server.standardInput = FileHandle.nullDevice
        try server.run()
        try waitUntilReady(bin: bin, log: log)
    }

    deinit { stop() }

    func stop() {
        defer { try? FileManager.default.removeItem(atPath: socketFolder) }
        guard server.isRunning else { return }
        kill(server.processIdentifier, SIGINT)
        let deadline = Date().addingTimeInterval(20)
        while server.isRunning, Date() < deadline { usleep(20_000) }
        if server.isRunning { kill(server.processIdentifier, SIGKILL) }
        server.waitUntilExit()
    }

    /// A new folder that the server's user can reach, and the words that run a command as that user.
    private static func home(in folder: String) throws -> (path: String, user: [String]) {
        var failure: any Error = PeerPrograms.Missing(what: "a folder to run postgresql in")
        for parent in [folder, "/var/tmp"] {
            let path = "\(parent)/daybook-postgres-\(getpid())"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            do {
                let user = try unprivilegedUser(owning: path)
                try run(user + ["/usr/bin/test", "-w", path], in: "/")
                return (path, user)
            } catch { failure = error }
            try FileManager.default.removeItem(atPath: path)
        }
        throw failure
    }

    /// Durable as Daybook is (fsync and synchronous_commit on), with memory and WAL to spare and no client elsewhere.
    private static func settings(socketFolder: String) -> String {
        """
        listen_addresses = ''
        unix_socket_directories = '\(socketFolder)'
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        wal_level = minimal
        max_wal_senders = 0
        max_wal_size = 8GB
        wal_buffers = 64MB
        checkpoint_timeout = 30min
        shared_buffers = 1GB
        work_mem = 64MB
        maintenance_work_mem = 256MB
        effective_cache_size = 4GB
        random_page_cost = 1.1
        max_connections = 100
        max_parallel_workers_per_gather = 0
        jit = off
        plan_cache_mode = force_generic_plan
        dynamic_shared_memory_type = mmap

        """
    }

    /// The words to put before a command so that it doesn't run as root, having given that user `folder`.
    private static func unprivilegedUser(owning folder: String) throws -> [String] {
        guard geteuid() == 0 else { return ["/usr/bin/setpriv"] }
        for name in ["postgres", "nobody"] {
            guard let entry = getpwnam(name) else { continue }
            let user = entry.pointee.pw_uid
            let group = entry.pointee.pw_gid
            guard chown(folder, user, group) == 0 else { continue }
            return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"]
        }
        throw PeerPrograms.Missing(what: "a user to run postgresql as")
    }

    private func waitUntilReady(bin: String, log: String) throws {
        let deadline = Date().addingTimeInterval(30)
        while server.isRunning, Date() < deadline {
            let asked = try? Self.run(["\(bin)/pg_isready", "-h", socketFolder, "-q"], in: socketFolder)
            if asked != nil { return }
            usleep(50_000)
        }
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        stop()
        throw Peer.Failure(description: "postgres did not start: \(said.suffix(500))")
    }

    @discardableResult
    private static func run(_ command: [String], in folder: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = FileHandle.nullDevice
        let complaints = Pipe()
        process.standardError = complaints
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let said = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Peer.Failure(
                description:
                    "\(command.joined(separator: " ")): status \(process.terminationStatus): \(said.suffix(300))"
            )
        }
        return 0
    }
}
