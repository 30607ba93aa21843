import Intake
import Testing

@Suite struct JSONDocumentTests {
    @Test func readsByNameAndPlace() throws {
        let root = try JSONDocument(
            """
            {"a": [1, {"b": "x\\ny", "c": null}, true, 2.50], "\\u0064": false}
            """
        ).root
        #expect(root["a"]?[0]?.int == 1)
        #expect(root["a"]?[1]?["b"]?.string == "x\ny")
        #expect(root["a"]?[1]?["c"]?.isNull == true)
        #expect(root["a"]?[2]?.bool == true)
        #expect(root["a"]?[3]?.number == "2.50")
        #expect(root["a"]?[4] == nil && root["z"] == nil && root["a"]?["b"] == nil)
        #expect(root["d"]?.bool == false)
        #expect(root.members.map(\.name) == ["a", "d"])
        #expect(root["a"]?.elements.count == 4)
        #expect(root["a"]?[1]?["b"]?.path == "$.a[1].b")
        #expect(root["a"]?[1]?.raw.elementsEqual("{\"b\": \"x\\ny\", \"c\": null}".utf8) == true)
    }

    @Test(
        arguments: [
            ("{\"a\":1,\"b\":[2]}", "{ \"b\" : [2], \"a\":1}", true), ("1.0", "1.00", false),
            ("1", "1", true),
            ("\"\\u0041\"", "\"A\"", true), ("[1,2]", "[2,1]", false),
            ("{\"a\":1}", "{\"a\":1,\"b\":1}", false),
            ("{\"a\":null}", "{}", false), ("{\"a\":1}", "{\"b\":1}", false), ("true", "false", false),
        ])
    func equivalence(_ a: String, _ b: String, _ same: Bool) throws {
        #expect(try JSONDocument(a).isEquivalent(to: JSONDocument(b)) == same)
        #expect(try JSONDocument(b).isEquivalent(to: JSONDocument(a)) == same)
    }

    @Test func saysWhereDocumentsDiffer() throws {
        let a = try JSONDocument("{\"x\":[0,{\"y\":1}]}")
        #expect(try a.firstDifference(from: JSONDocument("{\"x\":[0,{\"y\":2}]}")) == "$.x[1].y")
    }

    @Test func writesWhatItReads() throws {
        var writer = JSONWriter()
        writer.object { w in
            w.member("text", "q\"b\\n\nr\rt\tz\u{1}é😀")
            w.member("number", -7)
            w.member("flag", true)
            w.member("none", ifPresent: nil)
            w.member("some", ifPresent: "x")
            w.member("raw", raw: Array("{\"a\":1.50}".utf8))
            w.key("list")
            w.array { w in
                w.null()
                w.object { _ in }
                w.array { $0.int(UInt64.max) }
            }
        }
        let bytes = writer.finish()
        let root = try JSONDocument(bytes).root
        #expect(root["text"]?.string == "q\"b\\n\nr\rt\tz\u{1}é😀")
        #expect(root["number"]?.int == -7)
        #expect(root["raw"]?["a"]?.number == "1.50")
        #expect(root["none"] == nil && root["some"]?.string == "x")
        #expect(root["list"]?[0]?.isNull == true && root["list"]?[1]?.members.isEmpty == true)
        #expect(root["list"]?[2]?[0]?.number == "18446744073709551615")
        #expect(!bytes.contains(0x20) && !bytes.contains(0x0A))
    }
}
