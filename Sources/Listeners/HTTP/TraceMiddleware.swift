import HTTPTypes
import Hummingbird

/// Takes the trace of a W3C `traceparent` header, or begins one, and names it in the answer and in every log line.
struct TraceMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    static let header = HTTPField.Name("traceparent")!
    static let answerHeader = HTTPField.Name("Daybook-Trace")!

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.traceID = request.headers[Self.header].flatMap(Self.traceID) ?? Self.fresh()
        var response = try await next(request, context)
        response.headers[Self.answerHeader] = context.traceID
        return response
    }

    /// The id of `00-TRACE-SPAN-FLAGS`; nil for anything else, or for the id of all zeros.
    static func traceID(_ header: String) -> String? {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[1].count == 32, parts[2].count == 16,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            parts[1].contains(where: { $0 != "0" })
        else { return nil }
        return String(parts[1])
    }

    private static func fresh() -> String {
        // Two calls into the kernel, not one a digit.
        var generator = SystemRandomNumberGenerator()
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for _ in 0..<2 {
            var bits: UInt64 = generator.next()
            for _ in 0..<16 {
                text.append(hexDigits[Int(bits & 15)])
                bits >>= 4
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
