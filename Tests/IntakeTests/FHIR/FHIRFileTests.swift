import Intake
import Testing

@Suite struct FHIRFileTests {
    func lines(_ text: String) -> [String] {
        let file = FHIRFile(Array(text.utf8))
        return file.messages.map {
            "\($0.line ?? 0):" + String(decoding: file.bytes[$0.range], as: UTF8.self)
        }
    }

    @Test func documentsStayWhole() {
        for text in [
            "{\n \"a\": 1\n}", "{\"a\":1}", "", "\n", "{\n}", "[\n{\"a\":1},\n{\"b\":2}\n]",
            "{\"a\":\n{\"b\":1}}", "x\ny",
        ] {
            #expect(lines(text) == ["0:\(text)"])
        }
    }

    @Test func linesAreCutAndNumbered() {
        #expect(lines("{\"a\":1}\n{\"b\":2}\n") == ["1:{\"a\":1}", "2:{\"b\":2}"])
        #expect(lines("\r\n {\"a\":1} \r\n\r\n{\"b\":2}") == ["2:{\"a\":1}", "4:{\"b\":2}"])
        #expect(lines("{\"a\":1\n{\"b\":2}\nrubbish") == ["1:{\"a\":1", "2:{\"b\":2}", "3:rubbish"])
        #expect(lines("{\"a\":1}\nrubbish") == ["1:{\"a\":1}", "2:rubbish"])
    }

    @Test func manyLinesOfEveryLength() {
        let all = (0..<60).map { "{\"a\":\"\(String(repeating: "x", count: $0))\"}" }
        #expect(lines(all.joined(separator: "\n")) == all.enumerated().map { "\($0.0 + 1):\($0.1)" })
    }
}
