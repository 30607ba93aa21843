import Ciphers
import Seeded
import Testing
import Wire

@testable import EventLog

@Suite struct BodyTests {
    static let salt = [UInt8](repeating: 7, count: BodyLimits.saltBytes)

    /// A random body: a source, items derived from it, and literal ones.
    static func randomItems(using random: inout SplitMix64) -> [BodyItem] {
        func bytes(_ most: Int) -> [UInt8] {
            (0..<Int.random(in: 0...most, using: &random)).map { _ in
                Array("{\"a\" : \\,1\n}".utf8).randomElement(using: &random)!
            }
        }
        let source = bytes(300)
        var items = [BodyItem(meta: bytes(20), source)]
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            if Bool.random(using: &random) {
                items.append(BodyItem(meta: bytes(200), bytes(40)))
                continue
            }
            let start = Int.random(in: 0...source.count, using: &random)
            var left = source.count - start
            let length = left
            var edits: [JSONSplice.Edit] = []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let offset = Int.random(in: 0...left, using: &random)
                let deleted = Int.random(in: 0...(left - offset), using: &random)
                edits.append(.init(offset: offset, deleted: deleted, insertion: bytes(10)))
                left -= offset + deleted
            }
            let splice = JSONSplice(start: start, length: length, edits: edits)
            items.append(BodyItem(meta: bytes(150), content: .derived(splice)))
        }
        return items
    }

    /// What the format says an item's content is, without any of the code under test but the splice.
    static func content(_ item: BodyItem, of items: [BodyItem]) throws -> [UInt8] {
        guard case .literal(let source) = items[0].content else { return [] }
        switch item.content {
        case .literal(let bytes): return bytes
        case .derived(let splice): return try splice.content(of: source)
        }
    }

    /// The commitment by the format's words: a list of leaves, halved at the largest power of two.
    static func plainCommitment(_ parts: [(items: [BodyItem], salt: [UInt8])]) throws -> Digest {
        var leaves: [Digest] = []
        for (items, salt) in parts {
            for (index, item) in items.enumerated() {
                let itemSalt = SHA256.hash(salt + [0, 0, 0, UInt8(index)]).bytes
                var length = ByteWriter()
                length.varint(item.meta.count)
                let content = try content(item, of: items)
                leaves.append(SHA256.hash([0] + itemSalt + length.bytes + item.meta + content))
            }
        }
        func root(_ leaves: [Digest]) -> Digest {
            if leaves.count == 1 { return leaves[0] }
            var half = 1
            while half * 2 < leaves.count { half *= 2 }
            return SHA256.hash(
                [1] + root(Array(leaves[..<half])).bytes + root(Array(leaves[half...])).bytes)
        }
        return leaves.isEmpty ? .zero : root(leaves)
    }

    @Test(arguments: [UInt64(2), 41, .random(in: 0 ... .max)])
    func comesBackAsItWasAndCommitsAsTheFormatSays(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for round in 0..<300 {
            let items = Self.randomItems(using: &random)
            let salt = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
            let body = try Body.decode(try Body.encode(items, salt: salt))
            #expect(body.items == items, "seed \(seed) round \(round)")
            #expect(Array(body.salt) == salt)
            for (index, item) in items.enumerated() {
                #expect(Array(body.meta(of: index)) == item.meta)
                let content = try Self.content(item, of: items)
                #expect(Array(body.content(of: index)) == content)
                var appended: [UInt8] = [1, 2]
                body.appendContent(of: index, to: &appended)
                #expect(appended == [1, 2] + content)
            }
            let plain = try Self.plainCommitment([(items, salt)])
            #expect(Commitment.root(a: body, b: nil) == plain, "seed \(seed) round \(round)")
            #expect(Commitment.root(try Commitment.leaves(of: items, salt: salt)) == plain)
            #expect(
                Commitment.root(a: body, b: body)
                    == (try Self.plainCommitment([(items, salt), (items, salt)])))
        }
    }

    @Test func noItemsCommitToZero() throws {
        let body = try Body.decode(try Body.encode([], salt: Self.salt))
        #expect(Commitment.root(a: body, b: nil) == .zero)
        #expect(Commitment.root(a: nil, b: nil) == .zero)
    }

    @Test func aSplicePastItsSourceIsNotEncoded() {
        let far = BodyItem(meta: [], content: .derived(JSONSplice(start: 0, length: 4)))
        #expect(throws: LogError.self) { try Body.encode([BodyItem([1, 2, 3]), far], salt: Self.salt) }
        #expect(throws: LogError.self) { try Body.encode([far], salt: Self.salt) }
        #expect(throws: LogError.self) {
            try Body.encode(
                [BodyItem(meta: [UInt8](repeating: 0, count: BodyLimits.metaBytes + 1), [])], salt: Self.salt)
        }
    }

    @Test func contentsTogetherAreBounded() {
        // 1,000 items that each are the whole megabyte: a small payload of a huge sum.
        let whole = BodyItem(meta: [], content: .derived(JSONSplice(start: 0, length: 1 << 20)))
        let items = [BodyItem([UInt8](repeating: 0x31, count: 1 << 20))] + repeatElement(whole, count: 1000)
        #expect(throws: LogError.self) { try Body.encode(items, salt: Self.salt) }
        var payload = ByteWriter()
        payload.u8(Body.formatVersion)
        payload.raw(Self.salt)
        payload.varint(items.count)
        payload.u8(Body.Encoding.literal)
        payload.prefixed([])
        payload.prefixed([UInt8](repeating: 0x31, count: 1 << 20))
        for _ in 1..<items.count {
            payload.u8(Body.Encoding.derived)
            payload.prefixed([])
            payload.splice(JSONSplice(start: 0, length: 1 << 20))
        }
        #expect(throws: WireError.self) { try Body.decode(payload.bytes) }
    }

    @Test func countsAndLengthsPastTheInputAreRefused() {
        let head = [Body.formatVersion] + Self.salt
        let most: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
        for payload in [
            [], [2], head, head + most, head + [1], head + [1, 0] + most, head + [1, 0, 0] + most,
            head + [1, 9, 0, 0], head + [0, 0], head + [1, 1, 0, 0, 0, 0],
            head + [2, 0, 0, 0, 1, 0] + most + [0, 0], head + [2, 0, 0, 0, 1, 0, 0, 1, 0],
            head + [2, 0, 0, 0, 1, 0, 0, 0] + most,
        ] {
            #expect(throws: WireError.self) { try Body.decode(payload) }
        }
    }

    @Test(arguments: [UInt64(3), .random(in: 0 ... .max)])
    func damagedBytesAreRefusedOrDecodeWithoutACrash(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<4000 {
            var payload = try Body.encode(Self.randomItems(using: &random), salt: Self.salt)
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                payload[Int.random(in: 0..<payload.count, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                payload.removeLast(Int.random(in: 0...payload.count, using: &random))
            }
            guard let body = try? Body.decode(payload) else { continue }
            for index in 0..<body.count { _ = body.content(of: index).count + body.meta(of: index).count }
            _ = body.leaves
        }
    }

    /// Bytes written by hand from FORMAT.md: what is stored today must decode for ever.
    @Test func theDocumentedExampleDecodes() throws {
        let source = Array(#"{"id": "7"}"#.utf8)
        let payload: [UInt8] =
            [1] + Self.salt + [2] + [0, 1, 0xAA, UInt8(source.count)] + source
            + [1, 2, 0xBB, 0xCC, 0, 11, 1, 7, 3, 5] + Array(#""A.7""#.utf8)
        let body = try Body.decode(payload)
        #expect(Array(body.content(of: 0)) == source)
        #expect(Array(body.meta(of: 1)) == [0xBB, 0xCC])
        #expect(Array(body.content(of: 1)) == Array(#"{"id":"A.7"}"#.utf8))
        #expect(try Body.encode(body.items, salt: Self.salt) == payload)
    }
}
