import Ciphers
import Foundation
import Wire

/// Loading and making the master key.
public enum MasterKey {
    /// Digits of a key in text.
    static let digits = 2 * SecretKey.byteCount
    /// The most text read from a file or a command, bytes.
    static let textBytes = 4096

    /// - Throws: `notFound` where there is no such file or variable, `key` where the text is not a key,
    ///   where others may read the file, or where the command fails; `system` where the file cannot be read.
    public static func load(_ source: MasterKeySource) throws(LogError) -> SecretKey {
        switch source {
        case .file(let path): return try parse(try read(path), "the file \(path)")
        case .environment(let name):
            guard let text = ProcessInfo.processInfo.environment[name] else {
                throw .notFound(what: "the environment variable \(name), which holds the master key")
            }
            return try parse(Array(text.utf8), "the environment variable \(name)")
        case .command(let command):
            return try parse(try run(command), "what the master key's command printed")
        }
    }

    /// Makes a new master key and writes it to a new file, readable by its owner only, and durable before it
    /// returns.
    ///
    /// - Throws: `exists` where there is a file; `system`.
    public static func create(file path: String) throws(LogError) -> SecretKey {
        let key = try LogError.sealing { () throws(CipherError) in try SecretKey.random() }
        var text = key.withUnsafeBytes { Array((Hex.encode($0) + "\n").utf8) }
        defer { SecretKey.wipe(&text) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0, errno == EEXIST { throw .exists(what: "the master key's file \(path)") }
        guard descriptor >= 0 else { throw .system(code: errno, operation: "open \(path)") }
        defer { close(descriptor) }
        do throws(LogError) {
            guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
                throw .system(code: errno, operation: "write \(path)")
            }
            try syncFolder(of: path)
        } catch {
            unlink(path)
            throw error
        }
        return key
    }

    private static func syncFolder(of path: String) throws(LogError) {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(code: errno, operation: "open \(folder)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(code: errno, operation: "fsync \(folder)") }
    }

    private static func parse(_ given: [UInt8], _ origin: String) throws(LogError) -> SecretKey {
        var text = given
        while let last = text.last, [0x0A, 0x0D, 0x20].contains(last) { text.removeLast() }
        // The text itself is never shown: it is a secret, or part of one.
        guard text.count == digits, var bytes = Hex.decode(String(decoding: text, as: UTF8.self)),
            let key = SecretKey(bytes)
        else {
            throw .key(slot: .none, what: "\(origin) is not a master key of \(digits) hexadecimal digits")
        }
        SecretKey.wipe(&bytes)
        SecretKey.wipe(&text)
        return key
    }

    private static func read(_ path: String) throws(LogError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { throw .notFound(what: "the master key's file \(path)") }
        guard descriptor >= 0 else { throw .system(code: errno, operation: "open \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(code: errno, operation: "stat \(path)") }
        guard status.st_mode & 0o077 == 0 else {
            throw .key(slot: .none, what: "others may read the master key's file \(path): chmod 600 it")
        }
        var text = [UInt8](repeating: 0, count: textBytes)
        let count = Glibc.read(descriptor, &text, textBytes)
        guard count >= 0 else { throw .system(code: errno, operation: "read \(path)") }
        return Array(text[..<count])
    }

    private static func run(_ command: String) throws(LogError) -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
            let text = try output.fileHandleForReading.read(upToCount: textBytes) ?? Data()
            try output.fileHandleForReading.close()
            process.waitUntilExit()
            guard process.terminationReason == .exit, process.terminationStatus == 0 else {
                throw LogError.key(
                    slot: .none, what: "the master key's command failed (\(process.terminationStatus))")
            }
            return Array(text)
        } catch let error as LogError {
            throw error
        } catch {
            throw .key(slot: .none, what: "the master key's command did not run: \(error)")
        }
    }
}
