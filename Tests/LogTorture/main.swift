import Ciphers
import EventLog
import Foundation
import Wire

// Appends from four threads for ever, and says on standard output what was acknowledged: a line a message,
// "position id". Its test kills it at some moment, and looks for all that was said.

func torture(_ store: String, seed: UInt64) throws -> Never {
    var options = LogOptions()
    options.mapBytes = 1 << 32
    options.indexMapBytes = 1 << 30
    options.segmentRecords = 256
    options.zeroAheadBytes = 2 << 20
    let log = try EventLog(LogPaths(store: store), options: options)
    if try log.head.position == .start {
        let part: [UInt8] = [1]
        let record = try SealedRecord(
            recordClass: .storeCreated, slotA: .region, partA: part, hashA: SHA256.hash(part))
        _ = try log.appendAndWait([Proposal(records: [record])])
    }
    for thread in 0..<4 as Range<UInt64> {
        Thread.detachNewThread {
            var id = seed << 32 | thread << 24
            while true {
                do {
                    var unit: [Proposal] = []
                    for i in 0..<1 + id % 5 { unit.append(try message(id + i)) }
                    let outcomes = try log.appendAndWait(unit)
                    var said = ""
                    for (i, outcome) in outcomes.enumerated() {
                        if case .appended(let a) = outcome { said += "\(a.first.value) \(id + UInt64(i))\n" }
                    }
                    id += UInt64(unit.count)
                    FileHandle.standardOutput.write(Data(said.utf8))
                } catch LogError.busy {
                    usleep(1000)
                } catch { exit(3) }
            }
        }
    }
    while true { sleep(60) }
}

func message(_ id: UInt64) throws -> Proposal {
    var bytes = ByteWriter()
    bytes.u64(id)
    let part = bytes.bytes + [UInt8](repeating: UInt8(id & 255), count: Int(id % 3000))
    let key = MessageKey(order: id, id: StreamToken(high: id, low: 1), digest: StreamToken(high: id, low: 2))
    return Proposal(records: [
        try SealedRecord(
            recordClass: .sourceUpdate, flags: .advancesStream,
            stream: StreamToken(high: 7, low: id % 50 + 1),
            slotA: KeySlot(3 + id % 50), message: key, partA: part, hashA: SHA256.hash(part))
    ])
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let seed = UInt64(arguments[2]) else { exit(2) }
try torture(arguments[1], seed: seed)
