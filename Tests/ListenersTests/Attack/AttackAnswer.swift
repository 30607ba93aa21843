import Foundation

/// What an answer told: all of it.
struct AttackAnswer: Sendable {
    var probe: String
    var status: Int
    /// `name: value`, in order.
    var headers: [String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The next page's address under /fhir.
    var nextPage: String? {
        let root = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        let links = root?["link"] as? [[String: String]] ?? []
        guard let url = links.first(where: { $0["relation"] == "next" })?["url"],
            let at = url.firstRange(of: "/fhir/")
        else { return nil }
        return String(url[at.upperBound...]).replacing("|", with: "%7C")
    }

    /// Without what differs between any two stores: commitments and digests, whose salts are random.
    private var comparable: [UInt8] {
        Array(text.replacing(/[0-9a-f]{64}/, with: "COMMITMENT").utf8)
    }

    /// - Returns: what tells them apart; nil where nothing does.
    func difference(from other: AttackAnswer) -> String? {
        if probe != other.probe { return "asked otherwise: \(probe) / \(other.probe)" }
        if status != other.status { return "\(probe)\n  status \(status) / \(other.status)" }
        let (own, theirs) = (Set(headers), Set(other.headers))
        let headers = own.symmetricDifference(theirs).sorted()
        // A body of another length is told below.
        if headers.contains(where: { !$0.hasPrefix("content-length") }) {
            return "\(probe)\n  headers \(headers)"
        }
        if body == other.body, !headers.isEmpty { return "\(probe)\n  headers \(headers)" }
        if body == other.body { return nil }
        let (a, b) = (comparable, other.comparable)
        if a == b { return nil }
        let at = zip(a, b).enumerated().first { $1.0 != $1.1 }?.offset ?? min(a.count, b.count)
        func around(_ bytes: [UInt8]) -> String {
            String(decoding: bytes[max(0, at - 120)..<min(bytes.count, at + 160)], as: UTF8.self)
        }
        return "\(probe)\n  at \(at) of \(a.count) / \(b.count)\n  \(around(a))\n  \(around(b))"
    }

    /// - Returns: what tells two worlds apart, question by question.
    static func differences(_ held: [AttackAnswer], _ never: [AttackAnswer]) -> [String] {
        var out = zip(held, never).compactMap { $0.difference(from: $1) }
        if held.count != never.count { out.append("\(held.count) answers / \(never.count)") }
        return out
    }

    /// - Returns: which answers have words of what is withheld.
    static func leaks(of markers: [String], in answers: [AttackAnswer]) -> [String] {
        answers.compactMap { answer in
            let told = answer.headers.joined(separator: "\n") + answer.text
            return markers.first { told.contains($0) }.map { "\(answer.probe) tells \($0)" }
        }
    }
}
