import Testing

@testable import Listeners

@Suite struct TraceTests {
    @Test func aTraceIsTakenOnlyWhereItIsOne() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736"
        #expect(TraceMiddleware.traceID("00-\(id)-00f067aa0ba902b7-01") == id)
        for wrong in [
            "", id, "00-\(id)", "00-\(id.uppercased())-00f067aa0ba902b7-01", "00-\(id)0-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        ] { #expect(TraceMiddleware.traceID(wrong) == nil, "\(wrong)") }
    }
}
