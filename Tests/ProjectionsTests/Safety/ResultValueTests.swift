import Testing

@testable import Projections

@Suite struct ResultValueTests {
    private func result(_ members: String) throws -> ResultValue {
        try ResultValue(
            Array(#"{"resourceType":"Observation","id":"o",\#(members),"status":"final"}"#.utf8)[...])
    }

    private func shown(_ value: ResultValue) -> String { text(value.alone(isCancelled: false)) }
    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func typeStatusAndValueAreLeftAsTheyWereSent() throws {
        let value = try result(
            #""text":{"div":"<div class=\"x\">4.2</div>"},"valueQuantity":{"value":4.20,"unit":"mmol\/L"},"component":[1,"]"]"#
        )
        #expect(
            shown(value)
                == #"{"resourceType":"Observation","valueQuantity":{"value":4.20,"unit":"mmol\/L"},"component":[1,"]"],"status":"final"}"#
        )
    }

    /// A name says what it says, however it is written.
    @Test func namesMayBeWrittenWithEscapes() throws {
        let plain = try result(#""valueString":"high""#)
        let escaped = try result(#""v\u0061lueString":"high""#)
        #expect(try plain.saysSame(as: escaped) && escaped.saysSame(as: plain))
        #expect(try !plain.saysSame(as: result(#""v\u0061lueString":"low""#)))
        #expect(
            shown(escaped)
                == #"{"resourceType":"Observation","valueString":"high","status":"final"}"#)
        // A member that no profile has, whose name needs its escape.
        let odd = try result(#""value\"":1,"n\u006fte":[]"#)
        #expect(
            shown(odd)
                == #"{"resourceType":"Observation","value\"":1,"status":"final"}"#)
        #expect(try odd.saysSame(as: result(#""value\"":1"#)) && !odd.saysSame(as: plain))
    }

    @Test(arguments: [
        (#""valueInteger":1"#, #""valueInteger":1"#, true),
        (#""valueInteger":1"#, #""valueInteger":2"#, false),
        (#""valueInteger":1"#, #""note":[],"valueInteger":1"#, true),
        (#""valueInteger":1"#, #""valueInteger":1,"interpretation":[]"#, false),
        (#""valueInteger":1,"interpretation":[]"#, #""interpretation":[],"valueInteger":1"#, true),
        (#""valueString":"mmol/L""#, #""valueString":"mmol\/L""#, true),
        (#""valueString":"mmol/L""#, #""valueString":"mmol\/l""#, false),
        // The same bytes in another order.
        (#""valueString":"12345678 abcdefgh""#, #""valueString":"87654321 abcdefgh""#, false),
        (#""valueQuantity":{"a":1,"b":2}"#, #""valueQuantity":{"b":2,"a":1}"#, true),
    ])
    func twoSayTheSame(_ a: String, _ b: String, _ same: Bool) throws {
        #expect(try result(a).saysSame(as: result(b)) == same)
        #expect(try result(b).saysSame(as: result(a)) == same)
    }
}
