import Wire

/// Small phrases that several commands print.
enum Words {
    /// `1 message`, `2 messages`.
    static func count(_ number: some BinaryInteger, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    /// `, at #4` or `, at #4 to #9`; nothing where nothing was appended.
    static func places(_ first: Position?, _ last: Position?) -> String {
        guard let first, let last else { return "" }
        return first == last ? ", at \(first)" : ", at \(first) to \(last)"
    }

    /// ` (#5, #12)`: the events that decided.
    static func basis(_ positions: [Position]) -> String {
        positions.isEmpty ? "" : " (\(positions.map(\.description).joined(separator: ", ")))"
    }

    /// `agreementSigned` as `agreement signed`.
    static func spaced(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
    }
}
