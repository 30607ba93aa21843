import Ciphers
import Testing
import Wire

@testable import EventLog

@Suite struct ItemDisclosureTests {
    static func body(_ count: Int, salt: UInt8) throws -> Body {
        let items = (0..<count).map { BodyItem(meta: [UInt8($0)], [salt, UInt8($0)]) }
        return try Body.decode(try Body.encode(items, salt: [UInt8](repeating: salt, count: 32)))
    }

    @Test func everyItemOfEverySizeIsProved() throws {
        for (countA, countB) in [
            (1, 0), (2, 0), (3, 0), (8, 0), (9, 0), (37, 0), (1, 1), (5, 3), (16, 17), (0, 4),
        ] {
            let a = countA == 0 ? nil : try Self.body(countA, salt: 1)
            let b = countB == 0 ? nil : try Self.body(countB, salt: 2)
            let commitment = Commitment.root(a: a, b: b)
            for (part, count) in [(RecordPart.a, countA), (.b, countB)] {
                for item in 0..<count {
                    let disclosure = try #require(Commitment.disclosure(item: item, of: part, a: a, b: b))
                    #expect(disclosure.isProved(by: commitment))
                    #expect(disclosure.content == [part == .a ? 1 : 2, UInt8(item)])
                }
                #expect(Commitment.disclosure(item: count, of: part, a: a, b: b) == nil)
                #expect(Commitment.disclosure(item: -1, of: part, a: a, b: b) == nil)
            }
        }
    }

    @Test func anyChangeUndoesTheProof() throws {
        let body = try Self.body(11, salt: 3)
        let commitment = Commitment.root(a: body, b: nil)
        let good = try #require(body.disclosure(item: 6))
        var changed: [ItemDisclosure] = []
        func change(_ edit: (inout ItemDisclosure) -> Void) {
            var copy = good
            edit(&copy)
            changed.append(copy)
        }
        change { $0.leafIndex = 5 }
        change { $0.leafIndex = 11 }
        change { $0.leafIndex = -1 }
        change { $0.leafCount = 7 }
        change { $0.leafCount = 0 }
        change { $0.leafCount = 200 }
        change { $0.salt = .zero }
        change { $0.meta = [7] }
        change { $0.meta = [] }
        change { $0.content.append(0) }
        // Moving a byte from the meta to the content must not give the same leaf.
        change {
            $0.content = $0.meta + $0.content; $0.meta = []
        }
        change { $0.path.removeLast() }
        change { $0.path.append(.zero) }
        change { $0.path.swapAt(0, 1) }
        change { $0.path = [] }
        #expect(good.isProved(by: commitment))
        for disclosure in changed { #expect(!disclosure.isProved(by: commitment), "\(disclosure)") }
        #expect(!good.isProved(by: .zero))
    }

    @Test func aDisclosedSaltTellsNoOther() throws {
        let body = try Self.body(4, salt: 4)
        let salts = try (0..<4).map { try #require(body.disclosure(item: $0)).salt }
        #expect(Set(salts).count == 4)
        let secret = try #require(Digest(body.salt))
        #expect(!salts.contains(secret))
    }
}
