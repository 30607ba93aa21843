import Foundation

var peersFolder = ""
var sourcesFolder = ""
var folder = ""
var wanted = ""
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--peers": peersFolder = arguments.popFirst() ?? ""
    case "--sources": sourcesFolder = arguments.popFirst() ?? ""
    case "--folder": folder = arguments.popFirst() ?? ""
    default: wanted = argument
    }
}

let benchmarks = Benchmarks.all
guard benchmarks.contains(where: { $0.names.contains { wanted.isEmpty || $0.hasPrefix(wanted) } }) else {
    let names = benchmarks.flatMap(\.names).joined(separator: ", ")
    FileHandle.standardError.write(Data("no benchmark is named \(wanted): \(names)\n".utf8))
    exit(2)
}
let run = Run(
    peers: PeerPrograms(folder: peersFolder, sources: sourcesFolder), folder: folder, wanted: wanted)
for benchmark in benchmarks where benchmark.names.contains(where: run.wants) {
    do { try benchmark.run(run) } catch {
        benchmark.names.filter(run.wants).forEach { Report.failed($0, error) }
    }
}
run.stopPeers()
exit(run.failures > 0 ? 1 : 0)
