import Foundation
import Testing

/// Every sentence of the domain's "Who may see what, at T" and "Clinical safety" has a test that it names.
@Suite struct SentenceTests {
    @Test(arguments: DomainSentence.sight + DomainSentence.safety)
    func everySentenceNamesATest(sentence: DomainSentence) {
        let words = DomainSentence.words(sentence.text)
        let named = TestName.all.filter { DomainSentence.words($0.name).contains(words) }.map(\.place)
        print(sentence.text, "->", sentence.untested ?? named.joined(separator: ", "))
        #expect(named.isEmpty == (sentence.untested != nil), "\(named)")
    }

    /// Where the rules lie beside the corpora, the list is all of the two sections, in their order.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"] != nil),
        arguments: [
            ("Who may see what, at T", DomainSentence.sight), ("Clinical safety", DomainSentence.safety),
        ])
    func theListIsTheWholeOfTheSection(title: String, sentences: [DomainSentence]) throws {
        let corpora = try #require(ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"])
        let rules = try String(contentsOfFile: corpora + "/../DOMAIN.md", encoding: .utf8)
        let section = try #require(
            rules.components(separatedBy: "\n## ").first { $0.hasPrefix(title + "\n") })
        let wanted = DomainSentence.words(section.dropFirst(title.count))
        #expect(DomainSentence.words(sentences.map(\.text).joined(separator: " ")) == wanted)
    }
}
