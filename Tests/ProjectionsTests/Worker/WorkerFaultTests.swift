import EventLog
import Foundation
import LMDB
import Synchronization
import Testing
import Wire

@testable import Projections

/// Views that are damaged, and errors that pass.
@Suite struct WorkerFaultTests {
    private let views = TemporaryFolder()

    private func source(_ count: UInt8) -> ListSource {
        let source = ListSource()
        for n in 0..<count { source.append(part: [n]) }
        return source
    }

    /// Puts pages out of order that hold the text, in whatever state of the file: their flags say that they are of no kind.
    private func tear(pagesWith text: [UInt8], entries: Int?) throws {
        let path = try #require(
            try FileManager.default.subpathsOfDirectory(atPath: views.path).first {
                $0.hasSuffix("/data.mdb")
            })
        let url = URL(filePath: views.path + "/" + path)
        let bytes = [UInt8](try Data(contentsOf: url))
        let file = try FileHandle(forUpdating: url)
        defer { try? file.close() }
        var torn = 0
        for start in stride(from: 2 * 4096, to: bytes.count, by: 4096) {
            let page = bytes[start..<min(start + 4096, bytes.count)]
            // P_LEAF, and where the list of its entries ends.
            guard page.count == 4096, page[start + 10] == 2, page[start + 11] == 0 else { continue }
            let count = (Int(page[start + 12]) + Int(page[start + 13]) << 8 - 16) / 2
            guard entries == nil || count == entries, page.contains(sequence: text) else { continue }
            try file.seek(toOffset: UInt64(start + 10))
            try file.write(contentsOf: Data([0x40, 0]))
            torn += 1
        }
        #expect(torn > 0)
    }

    /// 200 counts are one page, and nothing else has 200 entries.
    @Test(arguments: ["counts", "checkpoint"]) func aTornPageIsMendedByARebuild(_ table: String) throws {
        let source = source(200)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        try worker.catchUp(to: source.headPosition)
        if table == "counts" {
            try tear(pagesWith: [], entries: 200)
            #expect(throws: ProjectionError.self) { try worker.counts() }
        } else {
            try tear(pagesWith: Array("checkpoint".utf8), entries: 1)
        }
        let report = try worker.rebuild()
        #expect(report.isSwapped && report.position == source.headPosition)
        if table == "counts" { #expect(report.difference != nil) }
        #expect(try worker.counts().counts.count == 200)
        worker.stop()
    }

    @Test func aFollowerGoesOnOnceTheErrorIsOver() throws {
        let source = source(20)
        let fault = Fault(Fault.fullDisk)
        let worker = try ProjectionWorker(
            CountingProjection(fault: fault), views: views.path, source: source)
        worker.start()
        #expect(throws: Fault.fullDisk) { try worker.wait(until: Position(20), milliseconds: 60_000) }
        #expect(worker.failure == Fault.fullDisk)
        fault.set(nil)
        for _ in 0..<3000 where worker.position < source.headPosition { usleep(10_000) }
        #expect(worker.position == source.headPosition && worker.failure == nil)
        worker.stop()
        #expect(worker.failure != nil, "closed, which stays")
    }

    @Test func whoeverFoldsEndsTheFailure() throws {
        let source = source(20)
        let fault = Fault(Fault.fullDisk)
        let worker = try ProjectionWorker(
            CountingProjection(fault: fault), views: views.path, source: source)
        worker.start()
        #expect(throws: Fault.fullDisk) { try worker.wait(until: Position(20), milliseconds: 60_000) }
        fault.set(nil)
        try worker.catchUp(to: source.headPosition)
        #expect(worker.failure == nil)
        worker.stop()
    }

    /// A log of so many records, folded into a view that is there.
    private func folded(_ count: UInt8) throws -> ListSource {
        let source = source(count)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        try worker.catchUp(to: source.headPosition)
        worker.stop()
        return source
    }

    @Test func anErrorThatPassesThrowsNoViewAway() throws {
        let source = try folded(50)
        let passing = LogError.system(code: EMFILE, operation: "open")
        source.fail(passing)
        #expect(throws: ProjectionError.log(passing)) {
            try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        }
        source.fail(nil)
        let fault = Fault()
        fault.whenOpening { throw CocoaError(.fileNoSuchFile) }
        #expect(throws: ProjectionError.self) {
            try ProjectionWorker(CountingProjection(fault: fault), views: views.path, source: source)
        }
        let again = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        #expect(again.position == source.headPosition)
        again.stop()
    }

    @Test func aFileThatIsNoViewIsBuiltAnew() throws {
        let source = try folded(50)
        try Data(repeating: 7, count: 1 << 16).write(
            to: URL(filePath: views.path + "/counting.v1.0/data.mdb"))
        let again = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        #expect(again.position == .start)
        again.stop()
    }

    @Test func viewsOfOtherVersionsGo() throws {
        let files = FileManager.default
        for folder in ["counting.v0.3", "counting.v2.0", "counting.v0x.1", "counting.vx", "counted.v0.0"] {
            try files.createDirectory(
                atPath: views.path + "/" + folder + "/in", withIntermediateDirectories: true)
        }
        for (link, target) in [("counting.v0", "counting.v0.3"), ("counted.v0", "counted.v0.0")] {
            try files.createSymbolicLink(
                atPath: views.path + "/" + link, withDestinationPath: target)
        }
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source(3))
        worker.stop()
        #expect(
            try files.contentsOfDirectory(atPath: views.path).sorted() == [
                "counted.v0", "counted.v0.0", "counting.v0x.1", "counting.v1", "counting.v1.0",
                "counting.vx",
            ])
    }

    // MARK: verify

    private func check(_ projection: CountingProjection, _ source: ListSource) throws -> ViewCheck.Outcome {
        let scratch = TemporaryFolder()
        return try ViewCheck.run(
            projection, views: views.path, scratch: scratch.path, source: source, head: source.headPosition)
    }

    @Test func aModelThatFoldsNoFurtherIsFound() throws {
        let source = source(10)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        try worker.catchUp(to: source.headPosition)
        worker.stop()
        let last = source.append(part: [9])
        let outcome = try check(CountingProjection(batchBytes: 1, failsAt: last), source)
        if case .equal = outcome { Issue.record("\(outcome)") }
        #expect(
            try check(CountingProjection(), source) == .equal(through: Position(10)), "one that is behind")
    }

    /// The link is read, another view takes the place of the one it names, which is opened then.
    @Test func aRebuildBesideItIsNoDifference() throws {
        let source = source(10)
        let worker = try ProjectionWorker(CountingProjection(), views: views.path, source: source)
        try worker.catchUp(to: source.headPosition)
        worker.stop()
        let fault = Fault()
        let path = views.path
        fault.whenOpening {
            let files = FileManager.default
            try files.copyItem(atPath: path + "/counting.v1.0", toPath: path + "/counting.v1.1")
            try files.removeItem(atPath: path + "/counting.v1")
            try files.createSymbolicLink(
                atPath: path + "/counting.v1", withDestinationPath: "counting.v1.1")
            try files.removeItem(atPath: path + "/counting.v1.0")
            throw CocoaError(.fileNoSuchFile)
        }
        #expect(try check(CountingProjection(fault: fault), source) == .equal(through: Position(10)))
    }
}

extension ArraySlice<UInt8> {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        sequence.isEmpty || indices.contains { self[$0...].starts(with: sequence) }
    }
}
