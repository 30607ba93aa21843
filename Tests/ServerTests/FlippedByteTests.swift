import EventLog
import Foundation
import Server
import Testing
import Wire

/// One byte of any entry of the store flipped, of its key as well: found, and the place named.
///
/// The tests flip a byte in every so many; `tools/flips` each byte of each entry (DAYBOOK_FLIPS=1), or one in so many.
@Suite(.serialized) struct FlippedByteTests {
    static let step = ProcessInfo.processInfo.environment["DAYBOOK_FLIPS"].flatMap { Int($0) }

    struct Place: CustomTestStringConvertible, Sendable {
        var folder: String
        var tables: [String]
        /// Between one flipped byte and the next, in the tests' own round.
        var step: Int

        var testDescription: String { folder }
    }

    private static let steps = ["record": 997, "identity": 199, "policy": 199]

    static let places =
        [
            Place(folder: "log", tables: ["records", "tiles", "commits", "meta", "checkpoints"], step: 331),
            Place(folder: "views/index", tables: ["messages", "streams", "classes", "meta"], step: 41),
            Place(folder: "keys", tables: ["slots", "joints", "meta"], step: 1499),
        ]
        + StoreVerificationTests.tables.sorted { $0.key < $1.key }.map {
            Place(folder: $0.key, tables: $0.value, step: Self.steps[$0.key] ?? 31)
        }

    @Test(arguments: places) func itIsFoundAndNamed(place: Place) throws {
        let old = try WholeStore.make()
        let isModel = StoreVerificationTests.tables[place.folder] != nil
        let folder = isModel ? try Self.model(place.folder, old.directory) : place.folder
        for table in place.tables {
            // Checkpoints and versions are few bytes, on which all depends: each of them, always.
            let step = table == "meta" ? 1 : Self.step ?? place.step
            var (entries, seen, due, flipped) = (0, 0, 0, 0)
            try StoreVerificationTests.eachEntry(of: old.directory + "/" + folder, table) {
                _, key, size, flip in
                entries += 1
                for offset in 0..<size + key.count {
                    defer { seen += 1 }
                    // An index that does not say how far it reaches is none: the next start builds it.
                    let isCounted = offset < size || place.folder != "views/index" || table != "meta"
                    guard seen % step == 0, isCounted else { continue }
                    due += 1
                    // Not where another entry is under the changed key already.
                    guard try flip(offset) else { continue }
                    flipped += 1
                    let missing = try Self.fault(
                        place.folder, table, key, old.directory, isKey: offset >= size)
                    #expect(
                        missing == nil,
                        "\(place.folder) \(table), byte \(offset) of \(size): \(missing ?? "")")
                }
            }
            #expect(flipped > 0 || entries == 0, "\(place.folder) \(table)")
            // The others' keys, one bit from their own, are taken.
            #expect(flipped * 5 >= due * 4, "\(place.folder) \(table)")
            if Self.step != nil {
                print("flips: \(place.folder) \(table): \(entries) entries, \(flipped) bytes")
            }
        }
        #expect(try StoreVerification.run(at: old.directory).isSound, "everything was put back")
    }

    /// No table is left out for want of a name in the list, or of an entry. (A log of a few records has no whole tile: LogProofTests.)
    @Test func theStoreHasAnEntryInEveryTableThatIsFlipped() throws {
        let old = try WholeStore.make()
        for place in Self.places {
            let isModel = StoreVerificationTests.tables[place.folder] != nil
            let folder = isModel ? try Self.model(place.folder, old.directory) : place.folder
            let found = try WholeStore.tables(of: old.directory + "/" + folder)
            #expect(Set(found.keys) == Set(place.tables), "\(place.folder)")
            let empty = found.filter { $0.value == 0 }.map(\.key)
            #expect(empty == (place.folder == "log" ? ["tiles"] : []), "\(place.folder)")
        }
    }

    /// The folder of a read model's one version.
    private static func model(_ name: String, _ directory: String) throws -> String {
        let folders = try FileManager.default.contentsOfDirectory(atPath: directory + "/views")
        let found = folders.first { $0.hasPrefix(name + ".v") && $0.split(separator: ".").count == 3 }
        return "views/" + (try #require(found))
    }

    /// - Returns: what verify should have said, and did not; nil where it did.
    private static func fault(
        _ place: String, _ table: String, _ key: [UInt8], _ directory: String, isKey: Bool
    ) throws -> String? {
        let number = key.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        switch place {
        case "log":
            let inspection = try LogInspection(LogPaths(store: directory))
            defer { inspection.close() }
            let report = try inspection.verify()
            if report.problemCount == 0 { return "nothing was found" }
            if table == "records", report.firstBad != Position(number) { return "\(report.problems)" }
            // One under a wrong key is named by that.
            if table == "checkpoints", !isKey, number > 0, report.firstBad != Position(number) {
                return "\(report.problems)"
            }
            return nil
        case "views/index":
            let inspection = try LogInspection(LogPaths(store: directory))
            defer { inspection.close() }
            let report = try inspection.verify()
            // An index that says of itself that it is another log's is not compared, and built anew.
            if report.indexProblems.isEmpty { return report.indexesChecked ? "nothing was found" : nil }
            let word = ["messages": "message ", "streams": "stream ", "classes": "class ", "meta": "index"][
                table]
            // An entry's place in the log, or what it is of, is named.
            let isNamed = report.indexProblems.contains { $0.what.contains(word ?? "?") }
            return isNamed ? nil : "\(report.indexProblems)"
        case "keys":
            // The report names it, or the store's own entry does not open at all.
            let master = try MasterKey.load(.file(path: directory + ".key"))
            guard let report = try? KeyVerification.run(at: directory + "/keys", master: master) else {
                return nil
            }
            if report.isSound { return "nothing was found" }
            if table == "slots", !report.problems.contains(where: { $0.hasPrefix("slot \(number):") }) {
                return "\(report.problems)"
            }
            return nil
        default:
            let report = try StoreVerificationTests.verifyModel(directory, only: place)
            guard let view = report.views.first(where: { $0.problem != nil }), view.name == place else {
                return "\(report)"
            }
            return StoreVerificationTests.isNamed(view, table, key, isKey: isKey) ? nil : "\(view)"
        }
    }
}
