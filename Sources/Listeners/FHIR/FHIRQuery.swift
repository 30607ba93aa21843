import CareRecord
import Foundation
import HTTPTypes
import Hummingbird
import Server
import Wire

/// The parameters of a question, taken one by one: what nobody takes is refused, or in a lenient answer told.
struct FHIRQuery {
    /// Parameters, at most.
    static let maximumParameters = 64

    private(set) var left: [(name: String, value: String)]
    private let original: [(name: String, value: String)]
    let isLenient: Bool
    let calendar = StoreCalendar.london

    init(_ text: String, context: ServerContext, _ request: Request) throws {
        isLenient = request.headers[values: Self.prefer].contains { $0.contains("handling=lenient") }
        left = []
        for part in text.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(pair[0]), let value = pair.count > 1 ? Self.decoded(pair[1]) : ""
            else {
                throw FHIRError.badRequest("the query is not percent-encoded UTF-8")
            }
            left.append((name, value))
        }
        guard left.count <= Self.maximumParameters else { throw FHIRError.badRequest("too many parameters") }
        original = left
        // How to count (fhirpy sends it) and how to lay out change nothing of what is shown.
        _ = take { $0 == "_totalMethod" || $0 == "_pretty" }
        guard let format = one("_format") else { return }
        guard ["json", "application/json", "application/fhir+json"].contains(format) else {
            throw FHIRError(.notAcceptable, "not-supported", "BAD_REQUEST", "_format: only JSON is served")
        }
    }

    private static let prefer = HTTPField.Name("Prefer")!

    static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }

    /// Path and query again, for links: without the page, percent-encoded.
    func path(_ path: String) -> String {
        let kept = original.filter { $0.name != "_page" && $0.name != "_format" }
        if kept.isEmpty { return path }
        return path + "?"
            + kept.map { Self.encoded($0.name) + "=" + Self.encoded($0.value) }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~:/|,$")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }

    /// Every value of the name, which may carry a modifier.
    mutating func take(_ matches: (String) -> Bool) -> [(name: String, value: String)] {
        let taken = left.filter { matches($0.name) }
        left.removeAll { matches($0.name) }
        return taken
    }

    /// A parameter that counts once: the last.
    mutating func one(_ name: String) -> String? { take { $0 == name }.last?.value }

    /// Values separated by commas.
    mutating func list(_ name: String) -> [String] {
        take { $0 == name }.flatMap { $0.value.split(separator: ",").map(String.init) }
    }

    mutating func instant(_ name: String) throws -> Instant? {
        guard let text = one(name) else { return nil }
        guard let range = DateRange(text, calendar) else { throw FHIRError.badRequest("\(name): no time") }
        return range.first
    }

    mutating func period(_ name: String) throws -> ClosedRange<Instant>? {
        guard let text = one(name) else { return nil }
        guard let range = DateRange(text, calendar) else { throw FHIRError.badRequest("\(name): no time") }
        return range.first...range.last
    }

    mutating func when(_ name: String) throws -> When? {
        guard let text = one(name) else { return nil }
        guard let when = When(text) else {
            throw FHIRError.badRequest("\(name): an instant, a date, or #POSITION")
        }
        return when
    }

    mutating func count(usual: Int = 50, most: Int = ResourceSearch.maximumCount) throws -> Int {
        guard let text = one("_count") else { return usual }
        guard let count = Int(text), count >= 0 else { throw FHIRError.badRequest("_count: a whole number") }
        return min(count, most)
    }

    /// `patient` (or `subject`): a Patient's id; `patient.identifier` or `patient:identifier`: its NHS number.
    ///
    /// - Parameter isSearch: an identifier of another system finds nobody; else it is none.
    mutating func patient(isSearch: Bool = false) throws -> AskedPatient? {
        let names = ["patient", "subject"]
        let ids = take { names.contains($0) || $0 == "subject:Patient" || $0 == "patient:Patient" }
        let numbers = take { name in
            names.contains { name == "\($0).identifier" || name == "\($0):identifier" }
        }
        guard ids.count + numbers.count <= 1 else { throw FHIRError.badRequest("patient: name one") }
        if let number = numbers.first?.value {
            return isSearch ? try Self.searched(number) : .reference(try Self.number(number))
        }
        guard let text = ids.first?.value else { return nil }
        let id = text.split(separator: "/").last.map(String.init) ?? ""
        guard !text.contains(","), FHIRNames.isID(id) else {
            throw FHIRError.badRequest("patient: one Patient's id")
        }
        return .id(id)
    }

    static let numberSystem = "https://fhir.nhs.uk/Id/nhs-number"

    /// A patient by `SYSTEM|VALUE`.
    ///
    /// - Throws: INVALID_NHS_NUMBER.
    static func searched(_ text: String) throws -> AskedPatient {
        if let bar = text.firstIndex(of: "|"), text[..<bar] != numberSystem { return .nobody }
        return .reference(try number(text))
    }

    /// - Throws: INVALID_NHS_NUMBER.
    static func number(_ text: String) throws -> PatientReference {
        let parts = text.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        let bare = parts.count == 2 ? parts[1] : parts[0]
        guard parts.count == 1 || parts[0] == numberSystem, let number = NHSNumber(String(bare)) else {
            throw FHIRError(.badRequest, "value", "INVALID_NHS_NUMBER", "not an NHS number")
        }
        return .nhs(number)
    }

    /// Gives back what was taken, for somebody else to take.
    mutating func put(_ parameters: [(name: String, value: String)]) { left += parameters }

    /// - Throws: what says that a parameter is not taken.
    func finish() throws {
        guard !isLenient, let first = left.first else { return }
        throw FHIRError.badRequest("the parameter \(first.name.prefix(64)) is not taken here")
    }

    mutating func ignoreRest() throws -> [String] {
        try finish()
        defer { left = [] }
        return left.map { String($0.name.prefix(64)) }
    }
}
