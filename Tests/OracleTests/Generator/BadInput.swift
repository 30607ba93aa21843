import Foundation

/// Input that no source should send, each with a word that the reason it is refused for must have.
struct BadInput: Sendable, CustomStringConvertible {
    var name: String
    var bytes: [UInt8]
    /// Any of these, in lower case.
    var words: [String]

    var description: String { name }

    init(_ name: String, _ bytes: [UInt8], _ words: String...) {
        (self.name, self.bytes, self.words) = (name, bytes, words)
    }

    init(_ name: String, _ text: String, _ words: String...) {
        (self.name, self.bytes, self.words) = (name, Array(text.utf8), words)
    }

    private static let good = """
        {"resourceType":"Bundle","type":"transaction","entry":[
        {"resource":{"resourceType":"Patient","id":"H1","name":[{"family":"Smith"}]}},
        {"resource":{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/H1"}}}]}
        """

    private static func batch(_ resources: String) -> String {
        let entries = resources.replacingOccurrences(
            of: "},{\"resourceType", with: "}},{\"resource\":{\"resourceType")
        return #"{"resourceType":"Bundle","type":"batch","entry":[{"resource":"# + entries + "}]}"
    }

    static let all: [BadInput] = [
        BadInput("nothing at all", "", "empty", "no ", "nothing"),
        BadInput("only space", " \n\t ", "empty", "no ", "nothing"),
        BadInput("prose", "Dear doctor, please find enclosed", "cannot stand here"),
        BadInput("HL7 v2 sent as FHIR", "MSH|^~\\&|A|B|C|D|20180101||ADT^A01|1|P|2.4\rPID|1", "json"),
        BadInput("XML", "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"1\"/></Patient>", "json"),
        BadInput("cut short", Array(good.utf8.dropLast(7)), "end", "ends", "cut", "truncated"),
        BadInput("cut in a string", Array(good.utf8.prefix(60)), "end", "ends", "cut", "truncated", "string"),
        BadInput("UTF-16", [0xFE, 0xFF] + good.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }, "utf"),
        BadInput(
            "UTF-16 without a mark", good.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, "utf", "json",
            "nul",
            "0x00"),
        BadInput(
            "Latin-1",
            Array("{\"resourceType\":\"Patient\",\"id\":\"H1\",\"name\":[{\"family\":\"M".utf8) + [0xFC]
                + Array("ller\"}]}".utf8), "utf"),
        BadInput(
            "overlong UTF-8",
            Array("{\"resourceType\":\"Patient\",\"id\":\"H1\",\"x\":\"".utf8) + [0xC0, 0xAF]
                + Array("\"}".utf8), "utf"),
        BadInput("a lone surrogate", #"{"resourceType":"Patient","id":"H1","x":"\ud800"}"#, "surrogate"),
        BadInput(
            "a control character", "{\"resourceType\":\"Patient\",\"id\":\"H1\",\"x\":\"a\u{1}b\"}", "control"
        ),
        BadInput("a bad escape", #"{"resourceType":"Patient","id":"H1","x":"\q"}"#, "escape"),
        BadInput("a leading zero", #"{"resourceType":"Patient","id":"H1","x":01}"#, "number", "zero"),
        BadInput(
            "a trailing comma", #"{"resourceType":"Patient","id":"H1",}"#, "cannot stand here"
        ),
        BadInput(
            "NaN", #"{"resourceType":"Patient","id":"H1","x":NaN}"#, "value", "json", "literal", "unexpected"),
        BadInput(
            "duplicate members", #"{"resourceType":"Patient","id":"H1","id":"H2"}"#, "duplicate", "twice",
            "again"),
        BadInput(
            "duplicate members by escape", #"{"resourceType":"Patient","id":"H1","\u0069d":"H2"}"#,
            "duplicate", "twice",
            "again"),
        BadInput(
            "nested deep in arrays",
            #"{"resourceType":"Patient","id":"H1","x":"# + String(repeating: "[", count: 200_000), "deep",
            "nest", "level"),
        BadInput(
            "nested deep in objects",
            #"{"resourceType":"Patient","id":"H1","x":"# + String(repeating: "{\"a\":", count: 100_000),
            "deep", "nest", "level"),
        BadInput("an array", "[1,2,3]", "object", "resource"),
        BadInput("a number", "12", "object", "resource"),
        BadInput("no type", #"{"id":"H1"}"#, "resourcetype"),
        BadInput("a type that is none", #"{"resourceType":12,"id":"H1"}"#, "resourcetype"),
        BadInput("an id that is none", #"{"resourceType":"Patient","id":7}"#, "id"),
        BadInput("an id with a slash", #"{"resourceType":"Patient","id":"../../etc"}"#, "id"),
        BadInput("no id", #"{"resourceType":"Patient","name":[{"family":"Smith"}]}"#, "id"),
        BadInput(
            "an item without an id",
            #"{"resourceType":"Condition","subject":{"reference":"Patient/H1"}}"#, "id"),
        BadInput("an entry that is none", #"{"resourceType":"Bundle","type":"batch","entry":[3]}"#, "entry"),
        BadInput("entries that are none", #"{"resourceType":"Bundle","type":"batch","entry":{}}"#, "entry"),
        BadInput(
            "a bundle without entries", #"{"resourceType":"Bundle","type":"batch"}"#, "entry", "empty", "no "),
        BadInput(
            "two patients",
            batch(#"{"resourceType":"Patient","id":"H1"},{"resourceType":"Patient","id":"H2"}"#), "two",
            "patients", "more than one"),
        BadInput(
            "a patient and a reference to another",
            batch(
                #"{"resourceType":"Patient","id":"H1"},"#
                    + #"{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/H2"}}"#), "two",
            "patients",
            "more than one"),
        BadInput(
            "two messages in one value", good + good + "x", "json", "value", "after", "unexpected", "line"),
        BadInput(
            "a time that is none",
            #"{"resourceType":"Patient","id":"H1","meta":{"lastUpdated":"yesterday"}}"#, "lastupdated",
            "instant", "time"),
    ]
}
