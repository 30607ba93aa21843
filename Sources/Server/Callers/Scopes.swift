/// What a token lets its client ask for: SMART App Launch 2, scopes for clinical data. They only ever narrow what policy permits.
public struct Scopes: Hashable, Sendable, CustomStringConvertible {
    /// What `cruds` lets do.
    public struct Interactions: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let create = Interactions(rawValue: 1)
        public static let read = Interactions(rawValue: 2)
        public static let update = Interactions(rawValue: 4)
        public static let delete = Interactions(rawValue: 8)
        public static let search = Interactions(rawValue: 16)
    }

    /// Whose data: one patient's, whatever the user may see, or whatever the client itself may.
    public enum Level: String, Hashable, Sendable, CaseIterable { case patient, user, system }

    public struct Grant: Hashable, Sendable {
        public var level: Level
        /// A FHIR type, or `*`.
        public var type: String
        public var interactions: Interactions
    }

    public private(set) var grants: [Grant] = []
    private var text: [String] = []

    public init() {}

    init(_ grants: [Grant]) {
        self.grants = grants
        text = grants.map { "\($0.level.rawValue)/\($0.type).\($0.interactions.letters)" }
    }

    /// Reads a list separated by spaces. Scopes that are not about clinical data (`openid`, `launch` …) count for nothing.
    ///
    /// - Returns: nil where one is about clinical data and is none of `LEVEL/TYPE.cruds`; restrictions by search parameter
    ///   (`?`) are not taken, rather than widened.
    public init?(_ list: String) {
        for word in list.split(separator: " ") {
            guard let slash = word.firstIndex(of: "/") else { continue }
            guard let level = Level(rawValue: String(word[..<slash])) else {
                // Asks for a patient or an encounter in context (SMART App Launch 2), or is a URI of somebody's own.
                if word.hasPrefix("launch/") || word.contains(":") { continue }
                return nil
            }
            let rest = word[word.index(after: slash)...].split(
                separator: ".", omittingEmptySubsequences: false)
            guard rest.count == 2, let interactions = Interactions(rest[1]), Self.isType(rest[0]) else {
                return nil
            }
            grants.append(Grant(level: level, type: String(rest[0]), interactions: interactions))
            text.append(String(word))
        }
    }

    private static func isType(_ text: Substring) -> Bool {
        if text == "*" { return true }
        return (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    }

    public var description: String { text.joined(separator: " ") }
    public var isEmpty: Bool { grants.isEmpty }
    public func has(_ level: Level) -> Bool { grants.contains { $0.level == level } }

    /// Whether they let do all of that with resources of the type.
    ///
    /// - Parameter levels: those that count for whoever asks, about whomever it is.
    public func allow(_ interactions: Interactions, on type: String, at levels: Set<Level>) -> Bool {
        var allowed = Interactions()
        for grant in grants where levels.contains(grant.level) && (grant.type == "*" || grant.type == type) {
            allowed.formUnion(grant.interactions)
        }
        return allowed.isSuperset(of: interactions)
    }

    /// Whether nothing here goes beyond those.
    public func isWithin(_ other: Scopes) -> Bool {
        grants.allSatisfy { grant in
            let theirs = other.grants.filter {
                $0.level == grant.level && ($0.type == "*" || $0.type == grant.type)
            }
            return theirs.reduce(into: Interactions()) { $0.formUnion($1.interactions) }
                .isSuperset(of: grant.interactions)
        }
    }
}

extension Scopes.Interactions {
    /// One or more of the letters of `cruds`, each once and in that order.
    init?(_ letters: Substring) {
        self.init()
        var rest = Substring("cruds")
        for letter in letters {
            guard let place = rest.firstIndex(of: letter) else { return nil }
            rest = rest[rest.index(after: place)...]
            switch letter {
            case "c": insert(.create)
            case "r": insert(.read)
            case "u": insert(.update)
            case "d": insert(.delete)
            default: insert(.search)
            }
        }
        if isEmpty { return nil }
    }
}
