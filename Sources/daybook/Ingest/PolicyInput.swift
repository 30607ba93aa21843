import Foundation
import Intake

/// A YAML file named on the command line, or `-` for standard input.
struct PolicyInput {
    /// Without its folders.
    let name: String
    let bytes: [UInt8]

    /// - Throws: `CommandFailure`: usage where there is no such file, trouble where it cannot be read.
    init(_ path: String) throws {
        if path == InputFiles.standardInput {
            name = "standard input"
            bytes = try InputFiles.reading(name) { Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
            return
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(status: .usage, message: "\(path): no such file; nothing was applied")
        }
        name = InputFiles.name(of: path)
        bytes = try InputFiles.reading(path) { Array(try Data(contentsOf: URL(filePath: path))) }
    }

    /// What a reader makes of it.
    ///
    /// - Throws: `CommandFailure`: usage, with a line for each problem, `file:line: field: what, what to do`.
    func checked<T>(_ read: ([UInt8]) throws(PolicyFileError) -> T) throws -> T {
        do throws(PolicyFileError) { return try read(bytes) } catch {
            throw CommandFailure(status: .usage, message: "nothing was applied:\n\(error)")
        }
    }
}
