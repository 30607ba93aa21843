import Wire

/// A region of invented people over five years, as a sequence of steps in order of time: region files, facts about patients' sharing,
/// files of messages, and accesses with known misuse among them.
///
/// The same number of patients and the same seed give the same steps, byte for byte. Steps are made as they are asked for: memory grows
/// with the number of patients by some dozens of bytes each.
public struct SyntheticRegion: Sequence, IteratorProtocol {
    /// From 1 October 2017 to 30 September 2022.
    public static let days = Day.count
    /// When the store is made, before the first step.
    public static let start = Day(0).at(5)
    public static let defaultPatients = 300
    public static let defaultSeed: UInt64 = 2017

    private var simulation: Simulation
    private var waiting: ArraySlice<Step> = []
    /// Days that were made so far.
    public private(set) var day = 0

    /// - Parameter patients: from 1 to `Person.maximumCount`.
    public init(patients: Int, seed: UInt64) {
        precondition((1...Person.maximumCount).contains(patients), "\(patients) patients")
        simulation = Simulation(patients: patients, seed: seed)
    }

    public var misuse: MisusePlan { simulation.misuse }
    public var story: Story { simulation.story }
    /// How many may look.
    public var users: Int { simulation.staff.members.count }

    public mutating func next() -> Step? {
        while waiting.isEmpty {
            guard let steps = simulation.nextDay() else { return nil }
            day += 1
            waiting = steps[...]
        }
        return waiting.removeFirst()
    }
}
