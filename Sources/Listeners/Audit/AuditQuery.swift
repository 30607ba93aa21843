import CareRecord
import Hummingbird
import Server
import Wire

/// The parameters of an auditor's question or of the feed: each known, and there once.
struct AuditQuery {
    /// Bytes of a value.
    static let maximumBytes = 256

    private var left: [String: String] = [:]

    /// - Throws: `FHIRError`, 400, naming what is wrong.
    init(_ request: Request) throws {
        for part in (request.uri.query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = FHIRQuery.decoded(pair[0]),
                let value = pair.count > 1 ? FHIRQuery.decoded(pair[1]) : ""
            else { throw FHIRError.badRequest("the query is not percent-encoded UTF-8") }
            guard left[name] == nil else {
                throw FHIRError.badRequest("the parameter \(name.prefix(64)) is there twice")
            }
            guard left.count < FHIRQuery.maximumParameters else {
                throw FHIRError.badRequest("too many parameters")
            }
            left[name] = value
        }
    }

    mutating func text(_ name: String) throws -> String? {
        guard let value = left.removeValue(forKey: name) else { return nil }
        guard (1...Self.maximumBytes).contains(value.utf8.count) else {
            throw FHIRError.badRequest("\(name): 1 to \(Self.maximumBytes) bytes")
        }
        return value
    }

    mutating func needed(_ name: String) throws -> String {
        guard let value = try text(name) else { throw FHIRError.badRequest("\(name) is needed") }
        return value
    }

    mutating func when(_ name: String) throws -> When? {
        guard let text = try text(name) else { return nil }
        guard let when = When(text) else {
            throw FHIRError.badRequest("\(name): an RFC 3339 instant, a date, #POSITION or #HEAD (# is %23)")
        }
        return when
    }

    mutating func neededWhen(_ name: String) throws -> When {
        guard let when = try when(name) else {
            throw FHIRError.badRequest("\(name) is needed: an instant, a date, #POSITION or #HEAD (# is %23)")
        }
        return when
    }

    mutating func patient() throws -> PatientReference? {
        guard let text = try text("patient") else { return nil }
        guard let patient = PatientReference(text) else {
            throw FHIRError.badRequest(
                "patient: an NHS number with a right check digit, or ODS:LOCALID")
        }
        return patient
    }

    mutating func neededPatient() throws -> PatientReference {
        guard let patient = try patient() else { throw FHIRError.badRequest("patient is needed") }
        return patient
    }

    mutating func position(_ name: String) throws -> Position? {
        guard let text = try text(name) else { return nil }
        guard let position = Self.position(text) else {
            throw FHIRError.badRequest("\(name): a position, such as 41")
        }
        return position
    }

    /// Digits alone.
    static func position(_ text: String) -> Position? {
        guard (1...20).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return UInt64(text).map { Position($0) }
    }

    mutating func count(usual: Int, most: Int) throws -> Int {
        guard let text = try text("count") else { return usual }
        guard let count = Int(text), count >= 1 else {
            throw FHIRError.badRequest("count: a whole number, 1 to \(most)")
        }
        return min(count, most)
    }

    /// - Throws: where a parameter is left that nobody took.
    func finish() throws {
        guard let name = left.keys.min() else { return }
        throw FHIRError.badRequest("the parameter \(name.prefix(64)) is not taken here")
    }
}
