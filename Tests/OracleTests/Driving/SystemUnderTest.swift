/// What a history is played against: the store, behind the few calls that the oracle needs.
protocol SystemUnderTest: AnyObject {
    /// A record's clear header, as far as the oracle reads it.
    typealias Header = (
        position: UInt64, time: Int64, recordClass: UInt8, batchFirst: UInt64, batchLast: UInt64
    )

    func head() throws -> UInt64
    func headers(after position: UInt64) throws -> [Header]

    /// The clock of everything that follows, in microseconds.
    func setClock(_ microseconds: Int64) throws
    /// Where the facts made by the file stand, by what they are about.
    func apply(_ region: RegionSpec) throws -> [String: UInt64]
    func record(_ facts: [FactSpec]) throws
    func ingest(source: String, files: [[MessageSpec]]) throws -> Ingested
    /// nil where the question is a usage error, or names a case that is not open.
    func view(_ asked: Asked) throws -> [UInt8]?
    /// Between two instants, in microseconds; nil where it is refused.
    func diff(_ asked: Asked, from: Int64, to: Int64) throws -> [UInt8]?
    func reopen() throws
    func close()
}

/// One that is asked for its records and reasons too. Nil where the question is refused, or a usage error.
protocol ExplainedSystem: SystemUnderTest {
    func record(_ asked: Asked) throws -> [UInt8]?
    func explain(_ asked: Asked, item: String?) throws -> [UInt8]?
}

/// One that is searched too.
protocol SearchedSystem: SystemUnderTest {
    /// nil where the question is a usage error.
    func find(_ search: Search) throws -> [UInt8]?
}

/// One whose queue of links is read and decided too.
protocol ReviewedSystem: SystemUnderTest {
    func reviews() throws -> [ReviewQueue.Entry]
    /// False where it is refused.
    func decide(_ review: String, link: Bool) throws -> Bool
}

/// What an ingest counted.
struct Ingested: Equatable, Codable {
    var messages = 0
    var accepted = 0
    var duplicate = 0
    var quarantined = 0
}
