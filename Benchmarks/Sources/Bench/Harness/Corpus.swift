import Foundation
import Wire

/// The Synthea bundles of the corpora, unzipped as they stand.
struct Corpus {
    /// The folder of the unzipped files, and nothing else.
    let folder: String
    let files: [String]
    /// Bytes of the files as they stand, indented.
    let sourceBytes: Int
    /// Bytes of the same JSON without whitespace between its tokens.
    let minifiedBytes: Int
    /// Entries of all bundles together.
    let resources: Int

    /// - Throws: `PeerPrograms.Missing` when `DAYBOOK_CORPORA` names no such folder.
    init(unzippingInto folder: String) throws {
        let environment = ProcessInfo.processInfo.environment
        guard let corpora = environment["DAYBOOK_CORPORA"] else {
            throw Missing(why: "DAYBOOK_CORPORA is not set")
        }
        let synthea = corpora + "/synthea"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: synthea)) ?? [])
            .filter { $0.hasSuffix(".json.gz") }.sorted()
        guard !names.isEmpty else { throw Missing(why: "\(synthea) holds no bundles") }
        self.folder = folder
        var files: [String] = []
        var (source, minified, resources) = (0, 0, 0)
        for name in names {
            let path = folder + "/" + name.dropLast(3)
            try Self.unzip(synthea + "/" + name, to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            source += bytes.count
            minified += JSONMinifier.minified([UInt8](bytes)[...]).count
            let bundle = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
            resources += (bundle?["entry"] as? [Any])?.count ?? 0
            files.append(path)
        }
        self.files = files
        (sourceBytes, minifiedBytes, self.resources) = (source, minified, resources)
    }

    struct Missing: Error, CustomStringConvertible {
        let why: String
        var description: String { why }
    }

    /// Every resource of every bundle, minified as `JSONSerialization` would not: the source's own bytes.
    func resourceBytes() throws -> [[UInt8]] {
        var all: [[UInt8]] = []
        for file in files {
            let source = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            all += Self.members(named: "resource", of: JSONMinifier.minified(source[...]))
        }
        return all
    }

    /// The objects that are values of members with that name, cut from minified JSON by counting braces.
    private static func members(named name: String, of json: [UInt8]) -> [[UInt8]] {
        let key = Array("\"\(name)\":{".utf8)
        var found: [[UInt8]] = []
        var at = 0
        while at + key.count <= json.count {
            guard json[at] == key[0], json[at..<at + key.count].elementsEqual(key) else {
                at += 1
                continue
            }
            let start = at + key.count - 1
            let end = endOfObject(json, from: start)
            found.append(Array(json[start..<end]))
            at = end
        }
        return found
    }

    private static func endOfObject(_ json: [UInt8], from start: Int) -> Int {
        var (depth, inString, at) = (0, false, start)
        while at < json.count {
            let byte = json[at]
            if inString {
                if byte == UInt8(ascii: "\\") {
                    at += 1
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
            } else if byte == UInt8(ascii: "\"") {
                inString = true
            } else if byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return at + 1 }
            }
            at += 1
        }
        return json.count
    }

    private static func unzip(_ path: String, to destination: String) throws {
        _ = FileManager.default.createFile(atPath: destination, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-dc", path]
        process.standardOutput = FileHandle(forWritingAtPath: destination)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Missing(why: "\(path) cannot be unzipped") }
    }
}
