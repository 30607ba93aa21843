import Foundation
import Wire

/// The JSON of policy events: members sorted by name, no white space, slashes unescaped, so that the same fact is
/// always the same bytes.
public enum PolicyJSON {
    /// Bytes of one fact.
    public static let maximumBytes = 16 << 20

    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    public static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: some Collection<UInt8>
    ) throws -> Value {
        guard bytes.count <= maximumBytes else {
            throw WireError(.invalid, at: 0, what: "a policy fact of \(bytes.count) bytes")
        }
        return try JSONDecoder().decode(type, from: Data(bytes))
    }
}

/// A value written in JSON as the text people write.
protocol TextCodable: Codable {
    init?(policyText: String)
    var policyText: String { get }
}

extension TextCodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(policyText: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a \(Self.self): \(text)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(policyText)
    }
}

extension Instant: TextCodable {
    init?(policyText: String) { self.init(rfc3339: policyText) }
    var policyText: String { rfc3339 }
}

extension CivilDate: TextCodable {
    init?(policyText: String) { self.init(policyText) }
    var policyText: String { description }
}

extension CalendarDuration: TextCodable {
    init?(policyText: String) { self.init(policyText) }
    var policyText: String { description }
}

extension NHSNumber: TextCodable {
    init?(policyText: String) { self.init(policyText) }
    var policyText: String { description }
}

extension SubjectID: TextCodable {
    init?(policyText: String) { self.init(policyText) }
    var policyText: String { description }
}
