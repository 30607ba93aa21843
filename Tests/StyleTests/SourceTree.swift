import Foundation

/// The project's files as a reader finds them: found from this file's own place, so that the tests run from anywhere.
enum SourceTree {
    static let root: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File: Sendable, CustomStringConvertible {
        /// From the project's root: `Sources/Wire/Hex.swift`.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var isSwift: Bool { path.hasSuffix(".swift") }
        /// The second part of the path: the target, where the first is Sources or Tests.
        var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }
        var description: String { path }

        /// The modules named by `import` lines, attributes and kinds set aside.
        var imports: [String] {
            lines.compactMap { line in
                let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
                let plain = words.drop {
                    ["public", "package", "internal", "private", "fileprivate"].contains($0)
                }
                guard plain.first == "import", plain.count > 1 else { return nil }
                let kinds: Set<Substring> = [
                    "struct", "class", "enum", "protocol", "func", "var", "typealias",
                ]
                let name = kinds.contains(plain.dropFirst().first!) ? plain.last! : plain.dropFirst().first!
                return String(name.split(separator: ".").first ?? name)
            }
        }
    }

    /// Every text file of the project that people write, build folders and stores left out.
    static let files: [File] = {
        let folders = ["Sources", "Tests", "Benchmarks", "docs", "samples", "tools", ".ci"]
        let alone = ["Package.swift", "README.md", ".swift-format", ".gitignore"]
        var found = alone.compactMap(read)
        for folder in folders {
            let base = root.appending(path: folder)
            guard let paths = FileManager.default.enumerator(atPath: base.path) else { continue }
            for case let path as String in paths {
                if path.split(separator: "/").contains(where: { $0.hasPrefix(".build") }) { continue }
                if let file = read("\(folder)/\(path)") { found.append(file) }
            }
        }
        return found.sorted { $0.path < $1.path }
    }()

    static let sources = files.filter { $0.isSwift && $0.path.hasPrefix("Sources/") }
    static let swift = files.filter(\.isSwift)

    /// - Returns: nil for folders and for files that are not UTF-8 text.
    private static func read(_ path: String) -> File? {
        let place = root.appending(path: path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder), !isFolder.boolValue,
            let bytes = FileManager.default.contents(atPath: place.path), !bytes.contains(0),
            let text = String(bytes: bytes, encoding: .utf8)
        else { return nil }
        return File(path: path, text: text)
    }
}
