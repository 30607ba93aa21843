import CareRecord
import Intake
import Projections
import Wire

/// A search of one patient's resources of a type. It looks only at what was decided to be shown, as it is shown: so nothing that it
/// finds, counts, orders or leaves out tells of anything else.
public struct ResourceSearch: Hashable, Sendable {
    public enum Total: String, Hashable, Sendable, CaseIterable { case none, estimate, accurate }
    public enum Summary: String, Hashable, Sendable, CaseIterable { case `true`, text, data, count, `false` }

    public struct Sort: Hashable, Sendable {
        public var name: String
        public var isDescending: Bool

        public init(name: String, isDescending: Bool) {
            (self.name, self.isDescending) = (name, isDescending)
        }
    }

    /// `TYPE:PARAMETER[:TARGET]`, or `*`.
    public struct Include: Hashable, Sendable {
        public var type: String
        public var parameter: String
        public var target: String?

        public init?(_ text: String) {
            if text == "*" {
                (type, parameter) = ("*", "*")
                return
            }
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(parts.count), !parts.contains("") else { return nil }
            (type, parameter) = (parts[0], parts[1])
            target = parts.count == 3 ? parts[2] : nil
        }
    }

    /// All must hold.
    public var conditions: [SearchCondition] = []
    public var sort: [Sort] = []
    /// Resources of a page; 0 asks for the total alone.
    public var count = 50
    public var total = Total.accurate
    public var include: [Include] = []
    public var revinclude: [Include] = []
    public var elements: [String] = []
    public var summary = Summary.false
    /// Parameters that were not taken: a lenient answer says so.
    public var ignored: [String] = []

    /// Resources of a page, at most.
    public static let maximumCount = 500

    public init() {}
}

/// One parameter of a search, with alternatives.
public struct SearchCondition: Hashable, Sendable {
    public enum Wanted: Hashable, Sendable {
        /// `_id`.
        case ids([String])
        case lastUpdated([DateComparison])
        case tokens([TokenValue], paths: [[String]], isNot: Bool)
        case dates([DateComparison], paths: [[String]])
        /// `Type/id` or an id alone.
        case references([String], paths: [[String]])
    }

    public var wanted: Wanted

    public init(_ wanted: Wanted) { self.wanted = wanted }

    func holds(of resource: ShownResource, _ document: JSONCursor, _ calendar: StoreCalendar) -> Bool {
        switch wanted {
        case .ids(let ids): return ids.contains(resource.id)
        case .lastUpdated(let comparisons):
            let range = DateRange(resource.recordedAt...resource.recordedAt)
            return comparisons.contains { $0.holds(of: range) }
        case .tokens(let tokens, let paths, let isNot):
            let found = paths.flatMap { FHIRPaths.values(document, $0) }.flatMap(TokenValue.all)
            return tokens.contains { token in found.contains { token.matches($0) } } != isNot
        case .dates(let comparisons, let paths):
            let found = paths.flatMap { FHIRPaths.values(document, $0) }.compactMap {
                DateRange($0, calendar)
            }
            return found.contains { range in comparisons.contains { $0.holds(of: range) } }
        case .references(let references, let paths):
            let found = paths.flatMap { FHIRPaths.values(document, $0) }.compactMap {
                $0["reference"]?.string
            }
            return found.contains { versioned in
                let text = FHIRPaths.unversioned(versioned)
                return references.contains { $0 == text || (!$0.contains("/") && text.hasSuffix("/" + $0)) }
            }
        }
    }
}

/// Values at a path of members; arrays are looked into.
enum FHIRPaths {
    static func values(_ root: JSONCursor, _ path: [String]) -> [JSONCursor] {
        var found = [root]
        for name in path {
            found = found.flatMap { value -> [JSONCursor] in
                guard let member = value[name] else { return [] }
                return member.kind == .array ? member.elements : [member]
            }
        }
        return found
    }

    /// A versioned reference names the resource too.
    static func unversioned(_ reference: String) -> String {
        reference.firstRange(of: "/_history/").map { String(reference[..<$0.lowerBound]) } ?? reference
    }
}

/// A token of a search, or of a resource: system and code, either of which may be left out of a search.
public struct TokenValue: Hashable, Sendable {
    /// Nil: any. Empty: none.
    public var system: String?
    public var code: String?

    /// `code`, `system|code`, `|code` or `system|`.
    public init(search text: String) {
        guard let bar = text.firstIndex(of: "|") else {
            (system, code) = (nil, text)
            return
        }
        system = String(text[..<bar])
        let rest = text[text.index(after: bar)...]
        code = rest.isEmpty ? nil : String(rest)
    }

    private init(system: String?, code: String) { (self.system, self.code) = (system, code) }

    /// - Parameter found: one of a resource: of a code element, whose system FHIR itself says, without one.
    func matches(_ found: TokenValue) -> Bool {
        (system == nil || found.system == nil || system == found.system)
            && (code == nil || code == found.code)
    }

    /// Those of a code, Coding, CodeableConcept, Identifier or boolean.
    static func all(_ value: JSONCursor) -> [TokenValue] {
        if let code = value.string { return [TokenValue(system: nil, code: code)] }
        if let flag = value.bool { return [TokenValue(system: nil, code: flag ? "true" : "false")] }
        if let codings = value["coding"] { return codings.elements.flatMap(all) }
        guard let code = value["code"]?.string ?? value["value"]?.string else { return [] }
        return [TokenValue(system: value["system"]?.string ?? "", code: code)]
    }
}
