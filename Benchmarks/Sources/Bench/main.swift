import Foundation

var peersFolder = ""
var sourcesFolder = ""
var folder = ""
var wanted = ""
var child = ""
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--peers": peersFolder = arguments.popFirst() ?? ""
    case "--sources": sourcesFolder = arguments.popFirst() ?? ""
    case "--child": child = arguments.popFirst() ?? ""
    case "--folder": folder = arguments.popFirst() ?? ""
    default: wanted = argument
    }
}

if !child.isEmpty {
    if DemoMake.benchmark.names.contains(child) {
        try DemoMake.child(folder: folder)
    } else if child == BackgroundLatency.verifying {
        try BackgroundLatency.verifyWhenAsked(folder)
    } else {
        try Memory.child(child, folder: folder)
    }
    exit(0)
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
    // What a benchmark sets up for all its lines may fail, and then fails them all.
    do { try benchmark.run(run) } catch {
        for name in benchmark.names { run.line(name) { throw error } }
    }
}
run.stopPeers()
exit(run.failures > 0 ? 1 : 0)
