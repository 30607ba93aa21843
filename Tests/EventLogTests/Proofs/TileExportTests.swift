import Foundation
import Testing
import Wire

@testable import EventLog

/// What an export does with a folder that holds something already.
@Suite struct TileExportTests {
    let folder: TemporaryFolder
    let scratch = ScratchLog()

    init() throws { folder = try TemporaryFolder() }

    private var place: String { folder.path + "/export" }

    private func files() throws -> [String: Data] {
        var out: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: place) {
            out[name] = FileManager.default.contents(atPath: place + "/" + name)
        }
        return out
    }

    private func export(_ log: EventLog, _ note: SignedNote) throws -> TileExport.Summary {
        try TileExport(log, under: note, to: place).write()
    }

    @Test(arguments: ["log.example/other", "log.example/test"])
    func itGoesIntoNoExportOfAnotherLog(origin: String) throws {
        let log = try scratch.create()
        try LogProofTests.append(600, to: log)
        _ = try export(log, try log.makeCheckpoint(LogProofTests.signer()))
        let before = try files()
        // Another log: by its name, or, where that is the same, by what it holds.
        let elsewhere = ScratchLog()
        let other = try elsewhere.create()
        try LogProofTests.append(900, to: other)
        let note = try other.makeCheckpoint(LogProofTests.signer(origin))
        let error = #expect(throws: LogError.self) { try export(other, note) }
        guard case .exists = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try files() == before, "nothing of it was touched")
        try LogProofTests.append(300, to: log)
        #expect(try export(log, log.makeCheckpoint(LogProofTests.signer())).size == 901, "its own goes on")
        log.close()
        other.close()
    }

    @Test func aTornTileIsWrittenAgain() throws {
        let log = try scratch.create()
        try LogProofTests.append(600, to: log)
        let note = try log.makeCheckpoint(LogProofTests.signer())
        let first = try export(log, note)
        let before = try files()
        #expect(try first.files > 0 && export(log, note).files == 0)
        let (short, wrong) = ("tile/entries/000", "tile/0/001")
        try #require(before[short]).prefix(1000).write(to: URL(filePath: place + "/" + short))
        var changed = try #require(before[wrong])
        changed[40] ^= 1
        try changed.write(to: URL(filePath: place + "/" + wrong))
        #expect(try export(log, note).files == 2)
        #expect(try files() == before)
        log.close()
    }
}
