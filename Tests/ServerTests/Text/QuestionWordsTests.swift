import Foundation
import Projections
import Testing

@testable import Server

@Suite struct QuestionWordsTests {
    /// `access list` says of every receipt what was asked, each in words of its own; FORMAT-body.md names every one.
    @Test func everyQuestionHasWordsAndIsDescribed() throws {
        let words = Receipt.Question.allCases.map(\.words)
        #expect(Set(words).count == words.count && words.allSatisfy { !$0.isEmpty })
        #expect(Receipt.Question.read.words == "one resource" && Receipt.Question.view.words == "view")
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/FORMAT-body.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        for question in Receipt.Question.allCases {
            #expect(text.contains("`\(question.rawValue)`"), "\(question)")
        }
    }
}
