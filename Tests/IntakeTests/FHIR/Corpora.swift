import Foundation

/// Real input that is not part of the project: there where `DAYBOOK_CORPORA` names its folder.
enum Corpora {
    static let folder = ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"]

    static func unzipped(_ path: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return [UInt8](data)
    }

    /// The Synthea bundles, by file name.
    static func synthea() throws -> [(name: String, bytes: [UInt8])] {
        let directory = (folder ?? "") + "/synthea"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        return try names.filter { $0.hasSuffix(".gz") }.map { ($0, try unzipped(directory + "/" + $0)) }
    }

    /// The official examples of FHIR R4, one a line.
    static func examples() throws -> [UInt8] {
        try unzipped((folder ?? "") + "/fhir-r4-examples.ndjson.gz")
    }
}
