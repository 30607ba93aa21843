import Foundation
import Testing

/// The rules of style that a formatter cannot know.
@Suite struct StyleTests {
    static let maximumLines = 450

    @Test func filesStayShortEnoughToReadWhole() {
        for file in SourceTree.swift {
            let lines = file.lines.count
            #expect(lines <= Self.maximumLines, "\(file) has \(lines) lines, of at most \(Self.maximumLines)")
        }
    }

    /// A promise that the compiler cannot check says beside it why it holds.
    @Test func uncheckedSendableSaysBecause() {
        for file in SourceTree.swift {
            let lines = file.lines
            for (index, line) in lines.enumerated() where line.contains(Self.unchecked) {
                let near = lines[max(0, index - 2)...min(lines.count - 1, index + 1)]
                if near.contains(where: { $0.contains("//") && $0.contains("because") }) { continue }
                Issue.record("\(file):\(index + 1) makes an unchecked promise without its because-comment")
            }
        }
    }

    /// Put together here, so that this file does not say it.
    private static let unchecked = "@unchecked" + " Sendable"

    @Test func namesSayWhatThingsAre() {
        for file in SourceTree.swift {
            for word in ["Utils", "Util", "Helpers", "Helper", "Manager", "Common", "Misc"] {
                for part in file.path.split(separator: "/") {
                    let name = part.replacing(".swift", with: "")
                    #expect(!name.hasSuffix(word), "\(file): a name ending in \(word) says nothing")
                }
            }
        }
    }

    @Test func nothingIsLeftForLater() {
        for file in SourceTree.files {
            for (index, line) in file.lines.enumerated() {
                for word in ["TO" + "DO", "FIX" + "ME", "X" + "XX:"] where line.contains(word) {
                    Issue.record("\(file):\(index + 1) says \(word)")
                }
            }
        }
    }

    /// Paths that are true on one machine only: home folders, and wherever this tree happens to be checked out.
    @Test func noFileNamesAMachinesPaths() {
        let home = /(^|[^A-Za-z0-9.])\/(home|Users|root)\/[A-Za-z]/
        let here = SourceTree.root.standardizedFileURL.path
        for file in SourceTree.files {
            for (index, line) in file.lines.enumerated() {
                if line.contains(home) || (here.count > 3 && line.contains(here)) {
                    Issue.record("\(file):\(index + 1) names a path of one machine")
                }
            }
        }
    }

    /// A page's links inside the project lead to a file that is there.
    @Test func linksLeadSomewhere() {
        let link = /\]\(([^)#:\s]+)(#[^)]*)?\)/
        for file in SourceTree.files where file.path.hasSuffix(".md") {
            let folder = SourceTree.root.appending(path: file.path).deletingLastPathComponent()
            for match in file.text.matches(of: link) {
                let target = folder.appending(path: String(match.1)).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: target), "\(file) links to \(match.1)")
            }
        }
    }
}
