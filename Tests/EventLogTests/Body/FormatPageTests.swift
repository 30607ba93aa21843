import Ciphers
import Foundation
import Testing
import Wire
import Zstd

@testable import EventLog

/// docs/FORMAT-body.md says what the code does: its examples are read from the page.
@Suite struct FormatPageTests {
    let page: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        page = try String(contentsOf: root.appending(path: "docs/FORMAT-body.md"), encoding: .utf8)
    }

    /// The indented hexadecimal blocks under "### Example".
    func examples() throws -> [[UInt8]] {
        let section = try #require(page.components(separatedBy: "### Example").dropFirst().first)
        var blocks: [String] = [""]
        for line in section.components(separatedBy: "\n## ")[0].split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            let text = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("    "), text.allSatisfy(\.isHexDigit) {
                blocks[blocks.count - 1] += text
            } else if !blocks[blocks.count - 1].isEmpty {
                blocks.append("")
            }
        }
        return try blocks.filter { !$0.isEmpty }.map { try #require(Hex.decode($0)) }
    }

    @Test func theExampleDecodesAndCommitsAsThePageSays() throws {
        let blocks = try examples()
        try #require(blocks.count == 2)
        let body = try Body.decode(blocks[0])
        #expect(body.count == 2)
        #expect(String(decoding: body.content(of: 1), as: UTF8.self) == #"{"id":"A.7"}"#)
        #expect(page.contains("`\(String(decoding: body.content(of: 1), as: UTF8.self))`"))
        #expect(Commitment.root(a: body, b: nil).bytes == blocks[1])
    }

    @Test func thePageNamesTheDictionariesDigest() throws {
        let dictionary = try #require(FormatDictionary.version(1))
        #expect(page.contains("| 1 | 112,640 | `\(SHA256.hash(dictionary.bytes).hex)` |"))
    }
}
