import Gzip
import HTTPTypes
import Hummingbird

/// gzip of an answer, for those who say that they take it (RFC 9110, 12.5.3): after the receipt, whose digest is of the plain body.
///
/// What a body tells its caller may see all of, so its compressed length tells nothing of what is withheld. What reflects the question (a
/// Bundle's links) is compressed apart from the rest: an answer's length does not tell whether the question's words are in the record.
struct ContentCoding {
    /// Shorter bodies go as they are.
    static let minimumBytes = 1024

    /// Whether gzip is taken: named, or `*`, and not with a weight of 0.
    static func takesGzip(_ headers: HTTPFields) -> Bool {
        var named: Bool?
        var any = false
        for part in headers[values: .acceptEncoding].flatMap({ $0.split(separator: ",") }) {
            let words = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let coding = words.first else { continue }
            let weight = words.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
            if coding == "gzip" || coding == "x-gzip" { named = (weight ?? 1) > 0 }
            if coding == "*" { any = (weight ?? 1) > 0 }
        }
        return named ?? any
    }

    /// The answer's body as it goes out, and the headers that say so. To be called where the work may wait.
    static func coded(_ body: [UInt8], _ request: HTTPFields, _ headers: inout HTTPFields) -> [UInt8] {
        headers[.vary] = "Accept-Encoding"
        guard body.count >= minimumBytes, takesGzip(request), let coded = Gzip.compressed(parts(of: body))
        else { return body }
        headers[.contentEncoding] = "gzip"
        return coded
    }

    /// A Bundle's links, and what follows them: a quote inside them is escaped, so that the first entries are where they look.
    private static func parts(of body: [UInt8]) -> [ArraySlice<UInt8>] {
        let mark = Array(#","entry":["#.utf8)
        guard let range = body.prefix(64 << 10).firstRange(of: mark) else { return [body[...]] }
        return [body[..<range.lowerBound], body[range.lowerBound...]]
    }
}
