/// Rounds of two sides, interleaved, so that a disk that is slow for a while is slow for both.
enum Rounds {
    struct Outcome {
        var daybook: Double
        var peer: Double
    }

    /// Runs both sides `count` times after one warm-up round each, and returns each side's median.
    ///
    /// Every second round starts with the other side, so that neither always follows the same neighbour.
    static func interleave(
        _ count: Int,
        daybook: (Int) throws -> Double,
        peer: (Int) throws -> Double
    ) throws -> Outcome {
        var ours: [Double] = []
        var theirs: [Double] = []
        for round in 0...count {
            let value: Double
            let other: Double
            if round % 2 == 0 {
                value = try daybook(round)
                other = try peer(round)
            } else {
                other = try peer(round)
                value = try daybook(round)
            }
            Report.note("  round \(round): daybook \(Report.plain(value)) peer \(Report.plain(other))")
            if round > 0 {
                ours.append(value)
                theirs.append(other)
            }
        }
        return Outcome(daybook: median(ours), peer: median(theirs))
    }
}
