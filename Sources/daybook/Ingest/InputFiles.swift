import Foundation
import Server

/// The files that `ingest` is to read, in a fixed order: as named, a folder's own by path.
struct InputFiles {
    /// What stands for standard input.
    static let standardInput = "-"
    /// Files in a folder that are taken; a file named itself is taken whatever its name.
    static let extensions: Set<String> = ["json", "ndjson", "jsonl", "hl7", "hl7v2", "er7"]

    var paths: [String] = []
    /// Files of a folder left alone for their names.
    var skipped: [String] = []

    /// The bytes of a file that another names, relative to that one's folder.
    static func beside(_ path: String, named name: String) -> [UInt8]? {
        let folder = URL(filePath: path).deletingLastPathComponent()
        return (try? Data(contentsOf: URL(filePath: name, relativeTo: folder))).map { Array($0) }
    }

    /// Finds them all before any is read, so that a wrong name stops the run before it has begun.
    ///
    /// - Throws: `CommandFailure`: usage, where a path is not there, is given twice as `-`, or is neither file nor folder.
    init(_ named: [String]) throws {
        for path in named {
            if path == Self.standardInput {
                guard !paths.contains(path) else {
                    throw CommandFailure(
                        status: .usage, message: "- (standard input) is given twice; it can be read once")
                }
                paths.append(path)
                continue
            }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw CommandFailure(
                    status: .usage, message: "\(path): no such file or folder; nothing was taken")
            }
            if isFolder.boolValue { try addFolder(path) } else { paths.append(path) }
        }
        guard !paths.isEmpty else {
            throw CommandFailure(
                status: .usage,
                message:
                    "\(named.joined(separator: ", ")): no .hl7, .json, .ndjson or .jsonl file there; nothing was taken"
            )
        }
    }

    /// Hidden files are left out without a word; symbolic links to folders are not followed, since they may turn in a ring.
    private mutating func addFolder(_ folder: String) throws {
        let base = URL(filePath: folder)
        guard let found = FileManager.default.enumerator(atPath: base.path) else {
            throw CommandFailure(status: .trouble, message: "\(folder): this folder cannot be read")
        }
        var names: [String] = []
        for case let name as String in found
        where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
            var isFolder: ObjCBool = false
            let path = base.appending(path: name).path
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
            else {
                continue
            }
            names.append(name)
        }
        let trimmed = folder.hasSuffix("/") && folder.count > 1 ? String(folder.dropLast()) : folder
        for name in names.sorted() {
            let path = "\(trimmed)/\(name)"
            let suffix = (name as NSString).pathExtension.lowercased()
            if Self.extensions.contains(suffix) { paths.append(path) } else { skipped.append(path) }
        }
    }

    /// The file's name without its folders.
    static func name(of path: String) -> String {
        path == standardInput ? path : URL(filePath: path).lastPathComponent
    }

    /// - Throws: `CommandFailure`: trouble, where the file cannot be opened.
    static func open(_ path: String) throws -> FileHandle {
        if path == standardInput { return ServedCommand.current?.standardInput() ?? .standardInput }
        return try reading(path) { try FileHandle(forReadingFrom: URL(filePath: path)) }
    }

    /// Runs what reads the file; what the system says against it names the file.
    static func reading<T>(_ path: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as StoreError { throw error } catch {
            throw CommandFailure(
                status: .trouble, message: "\(path): cannot be read: \(error.localizedDescription)")
        }
    }
}
