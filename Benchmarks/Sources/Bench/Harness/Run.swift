import Foundation

/// What one run of the program shares: its folder, its peers, and what was asked for.
final class Run {
    let peers: PeerPrograms
    private let folder: String
    private let wanted: String
    private let isExact: Bool
    private var postgresServer: Postgres?
    private var made = 0
    /// Names whose benchmark failed.
    private(set) var failures = 0

    /// - Parameters:
    ///   - folder: a folder of this run's own, which every user may pass through.
    ///   - wanted: a name, or the beginning of several; empty for all.
    init(peers: PeerPrograms, folder: String, wanted: String) {
        self.peers = peers
        self.folder = folder
        self.wanted = wanted
        isExact = Benchmarks.names.contains(wanted)
    }

    func wants(_ name: String) -> Bool { isExact ? name == wanted : name.hasPrefix(wanted) }

    /// A new empty folder.
    func freshFolder(_ name: String) throws -> String {
        made += 1
        let path = "\(folder)/\(made)-\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// A path for a new file.
    func freshFile(_ name: String) -> String {
        made += 1
        return "\(folder)/\(made)-\(name)"
    }

    func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    /// The PostgreSQL of this run, started the first time it is asked for.
    func postgres() throws -> Postgres {
        if let server = postgresServer { return server }
        let server = try Postgres(in: try freshFolder("pg"))
        postgresServer = server
        return server
    }

    func stopPeers() {
        postgresServer?.stop()
        postgresServer = nil
    }

    /// Prints the line of one name if it was asked for; a peer that isn't there, or fails, becomes its line.
    func line(_ name: String, _ body: () throws -> Void) {
        guard wants(name) else { return }
        Report.note("\(name):")
        do {
            try body()
        } catch let missing as PeerPrograms.Missing {
            Report.skipped(name, because: missing.description)
        } catch let missing as Corpus.Missing {
            Report.skipped(name, because: missing.description)
        } catch {
            failures += 1
            Report.failed(name, error)
        }
    }
}
