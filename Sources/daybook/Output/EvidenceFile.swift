import ArgumentParser
import EventLog
import Foundation

/// Files of evidence on the command line.
enum EvidenceFile {
    /// - Throws: usage, where it cannot be read.
    static func read(_ path: String) throws -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: EvidenceLimits.noteBytes + 1)
        else { throw ValidationError("\(path) cannot be read") }
        return [UInt8](data)
    }

    /// `-` is standard output.
    static func write(_ bytes: [UInt8], to path: String) throws {
        if path == "-" { return Output.write(bytes) }
        do { try Data(bytes).write(to: URL(filePath: path), options: .atomic) } catch {
            throw CommandFailure(
                status: .trouble, message: "\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    /// A key, or the file that holds one.
    static func key(_ text: String) throws -> NoteKey {
        let isFile = FileManager.default.fileExists(atPath: text)
        let key = isFile ? String(decoding: try read(text), as: UTF8.self) : text
        return try NoteKey(key.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
