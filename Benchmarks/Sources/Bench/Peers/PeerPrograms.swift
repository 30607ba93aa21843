import Foundation

/// Where `tools/bench` put the peers it compiled, and which of them there are.
struct PeerPrograms {
    /// The folder of the compiled ones.
    let folder: String
    /// The folder of the sources, for those that are scripts.
    let sources: String

    /// The path of a peer, or the reason why it can't run here.
    func path(_ name: String) throws(Missing) -> String {
        let path = folder + "/" + name
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(what: name) }
        return path
    }

    /// UmaDB's interpreter and script.
    func umaDB() throws(Missing) -> (python: String, script: String) {
        let python = folder + "/umadb/bin/python"
        guard FileManager.default.isExecutableFile(atPath: folder + "/umadb/bin/umadb") else {
            throw Missing(what: "umadb")
        }
        return (python, sources + "/umadb_append.py")
    }

    /// The interpreter and script of NATS JetStream.
    func nats() throws(Missing) -> (python: String, script: String) {
        guard FileManager.default.isExecutableFile(atPath: folder + "/nats/bin/nats-server") else {
            throw Missing(what: "nats-server")
        }
        return (folder + "/nats/bin/python", sources + "/nats_append.py")
    }

    /// A peer, or something a peer needs, that this machine hasn't got.
    struct Missing: Error, CustomStringConvertible {
        let what: String
        var description: String { "\(what) is not installed" }
    }
}
