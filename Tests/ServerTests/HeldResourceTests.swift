import Projections
import Testing
import Wire

@testable import Server

/// What a condition is compared with is read, or the failure is told: passing over it would make a second one beside it.
@Suite struct HeldResourceTests {
    @Test func aResourceThatDoesNotReadIsNoResourceWithoutIdentifiers() throws {
        let good = Array(#"{"resourceType":"Specimen","identifier":[{"system":"urn:lab","value":"1"}]}"#.utf8)
        #expect(try HeldResources.identifiers(in: good, at: Position(7)).count == 1)
        #expect(throws: StoreError.self) {
            try HeldResources.identifiers(in: Array(good.dropLast()), at: Position(7))
        }
    }
}
