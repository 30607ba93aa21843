import Foundation

/// A resource with gaps, cut up once so that filling it is little more than copying bytes.
///
/// A gap is `«kind»` or `«kind:argument»`. `=` before the kind makes it the same in every version of a resource;
/// without it each version has another.
struct Template: Sendable {
    private enum Piece: Sendable {
        case literal([UInt8])
        case gap(Gap, fixed: Bool)
    }

    /// What may stand in a gap.
    private enum Gap: Sendable {
        case id
        case patient
        case updated
        case uuid
        case number(Int, Int)
        case date
        case time
        case coding(Int)
        case words(Int)
        case pick([[UInt8]])
    }

    let type: String
    private let pieces: [Piece]

    init(_ type: String, _ text: String) {
        self.type = type
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.range(of: "«"), let close = rest.range(of: "»") {
            pieces.append(.literal(Array(rest[..<open.lowerBound].utf8)))
            var inner = rest[open.upperBound..<close.lowerBound]
            let fixed = inner.hasPrefix("=")
            if fixed { inner.removeFirst() }
            pieces.append(.gap(Self.gap(String(inner)), fixed: fixed))
            rest = rest[close.upperBound...]
        }
        pieces.append(.literal(Array(rest.utf8)))
        self.pieces = pieces
    }

    private static func gap(_ text: String) -> Gap {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let argument = parts.count > 1 ? parts[1] : ""
        switch parts[0] {
        case "id": return .id
        case "patient": return .patient
        case "updated": return .updated
        case "uuid": return .uuid
        case "date": return .date
        case "time": return .time
        case "coding": return .coding(Int(argument) ?? 0)
        case "words": return .words(Int(argument) ?? 1)
        case "pick": return .pick(argument.split(separator: "|").map { Array($0.utf8) })
        case "number":
            let bounds = argument.split(separator: "-").compactMap { Int($0) }
            return .number(bounds[0], bounds[1])
        default: preconditionFailure("no such gap: \(text)")
        }
    }

    /// Appends one version of a resource to `bytes`.
    func fill(_ who: ResourceName, version: Int, into bytes: inout [UInt8]) {
        let seed = UInt64(who.patient) << 24 | UInt64(who.resource) << 8
        var stable = SplitMix64(seed: seed)
        var changing = SplitMix64(seed: seed ^ (UInt64(version + 1) << 44))
        for piece in pieces {
            switch piece {
            case .literal(let literal): bytes += literal
            case .gap(.id, _): bytes += who.id.utf8
            case .gap(.patient, _): bytes += who.patientID.utf8
            case .gap(.updated, _): Self.updated(version, &bytes)
            case .gap(let gap, true): Self.put(gap, &stable, &bytes)
            case .gap(let gap, false): Self.put(gap, &changing, &bytes)
            }
        }
    }

    private static func put(_ gap: Gap, _ random: inout SplitMix64, _ bytes: inout [UInt8]) {
        switch gap {
        case .id, .patient, .updated: break
        case .uuid: Self.uuid(random.next(), random.next(), &bytes)
        case .number(let low, let high): bytes += String(low + random.below(high - low + 1)).utf8
        case .date: Self.date(&random, &bytes)
        case .time:
            Self.date(&random, &bytes)
            bytes.append(UInt8(ascii: "T"))
            for (index, bound) in [24, 60, 60].enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ":")) }
                Self.two(random.below(bound), &bytes)
            }
            bytes += "+00:00".utf8
        case .coding(let set):
            let codes = Vocabulary.codings[set]
            bytes += codes[random.below(codes.count)]
        case .words(let count):
            for index in 0..<count {
                if index > 0 { bytes.append(UInt8(ascii: " ")) }
                bytes += Vocabulary.words[random.below(Vocabulary.words.count)]
            }
        case .pick(let choices): bytes += choices[random.below(choices.count)]
        }
    }

    private static func two(_ value: Int, _ bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "0") + UInt8(value / 10))
        bytes.append(UInt8(ascii: "0") + UInt8(value % 10))
    }

    /// When the source says it made this version: a minute later than the one before, from 2020 on, so that every
    /// update is newer than what it replaces. (Months of 28 days are close enough.)
    private static func updated(_ version: Int, _ bytes: inout [UInt8]) {
        let days = version / 1440
        bytes += String(2020 + days / 336).utf8
        for (separator, value) in [
            ("-", days / 28 % 12 + 1), ("-", days % 28 + 1), ("T", version / 60 % 24), (":", version % 60),
        ] {
            bytes += separator.utf8
            two(value, &bytes)
        }
        bytes += ":00+00:00".utf8
    }

    private static func date(_ random: inout SplitMix64, _ bytes: inout [UInt8]) {
        bytes += String(2012 + random.below(13)).utf8
        bytes.append(UInt8(ascii: "-"))
        two(1 + random.below(12), &bytes)
        bytes.append(UInt8(ascii: "-"))
        two(1 + random.below(28), &bytes)
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func uuid(_ high: UInt64, _ low: UInt64, _ bytes: inout [UInt8]) {
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { bytes.append(UInt8(ascii: "-")) }
            let word = index < 16 ? high : low
            bytes.append(hexDigits[Int((word >> UInt64((index % 16) * 4)) & 15)])
        }
    }
}

/// Which resource of which patient.
struct ResourceName: Hashable, Sendable {
    var patient: Int
    var resource: Int
    var type: String

    var patientID: String { "p\(patient)" }
    var id: String { type == "Patient" ? patientID : "p\(patient)-r\(resource)" }
}
