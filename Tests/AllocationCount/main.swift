import Foundation

// Counts what one event, and one read, costs in allocations, with AllocationShim preloaded. Says a line each, `NAME N`:
//
//     seal      making a record of one resource ready for the queue, on its caller's thread
//     append    a sealed record through queue, writer and commit, a hundred a unit, on all threads
//     ingest    a message read, sealed, linked and appended, on all threads
//     fold      an event folded into the record view, a thousand a batch, on all threads
//     as-of     a patient's record of ten items as of a position
//     view      the same decided and written out, without its receipt

guard CommandLine.arguments.count == 2 else { exit(2) }
let folder = CommandLine.arguments[1]
do {
    try LogCounts.run(in: folder + "/log")
    try StoreCounts.run(in: folder + "/store")
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(4)
}
