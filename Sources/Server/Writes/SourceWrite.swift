import Foundation
import Wire

/// A change that a source asks for over FHIR (R4, 3.1.0 RESTful API).
public struct SourceWrite: Hashable, Sendable {
    public enum Request: Hashable, Sendable {
        case create(type: String)
        /// By the source's own id, or Daybook's.
        case update(type: String, id: String)
        /// Of the one resource that the criteria find; where they find none, it is created.
        case updateMatching(type: String)
        case delete(type: String, id: String)
        /// Of the one resource that the criteria find.
        case deleteMatching(type: String)
        /// The body says itself what it does: a transaction, or a line of many.
        case message
    }

    public var request: Request
    /// The resource's or the Bundle's bytes; empty for a deletion.
    public var body: [UInt8]
    /// Of an entry of a batch: what it calls itself.
    public var fullURL: String?
    /// The version that must be in force.
    public var ifMatch: VersionCondition?
    /// Of a conditional create, update or deletion.
    public var criteria: WriteCriteria?

    public init(_ request: Request, body: [UInt8] = []) { (self.request, self.body) = (request, body) }

    /// The FHIR type, where the request names one.
    public var type: String? {
        switch request {
        case .create(let type), .update(let type, _), .updateMatching(let type), .delete(let type, _),
            .deleteMatching(let type):
            type
        case .message: nil
        }
    }
}

/// What a conditional create, update or deletion looks for among what its source sent: an identifier, or an id, of a patient where the
/// resource itself names none.
public struct WriteCriteria: Hashable, Sendable {
    /// As it was sent.
    public var text: String
    /// `system|value`, `|value` (no system) or `value` (any).
    public var identifier: TokenValue?
    public var id: String?
    /// The patient's id.
    public var patient: String?

    /// Reads the query of an entry's `ifNoneExist`.
    ///
    /// - Returns: nil where it is none, or names something else.
    public init?(query: String) {
        var parameters: [(name: String, value: String)] = []
        let text = query.first == "?" ? query.dropFirst() : query[...]
        for part in text.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let words = pair.map { $0.replacing("+", with: " ").removingPercentEncoding }
            guard words.count == 2, let name = words[0], let value = words[1] else { return nil }
            parameters.append((name, value))
        }
        self.init(text: query, parameters)
    }

    /// - Parameter parameters: decoded names and values of the query.
    /// - Returns: nil where they are not just one of the two, or both, and perhaps the patient.
    public init?(text: String, _ parameters: [(name: String, value: String)]) {
        self.text = text
        for (name, value) in parameters {
            switch name {
            case "identifier" where identifier == nil && !value.isEmpty && !value.contains(","):
                identifier = TokenValue(search: value)
            case "patient", "subject":
                guard patient == nil, !value.contains(","), let last = value.split(separator: "/").last else {
                    return nil
                }
                patient = String(last)
            case "_id" where id == nil && !value.isEmpty && !value.contains(","): id = value
            default: return nil
            }
        }
        if identifier == nil, id == nil { return nil }
        if let identifier, identifier.code == nil { return nil }
    }
}
