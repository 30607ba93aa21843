import LMDB
import Testing

/// Sets of values of one length under a key: seeks and walks agree with sorted arrays, whether a set is one value, lies in
/// a page with others, or is a tree of its own.
@Suite struct FixedValuesTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func seeksAgreeWithASortedArray(seed: UInt64) throws {
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let scratch = ScratchDirectory()
        let env = try Environment(path: scratch.path, options: EnvironmentOptions(maxMapBytes: 64 << 20))
        let db = try env.openDatabase("sets", fixedValues: true)
        func value() -> [UInt8] { [UInt8(next(256)), UInt8(next(256)), 7, 7, 7, 7, 7, UInt8(next(4))] }
        var model: [[UInt8]: Set<[UInt8]>] = [[1]: [], [2, 0]: [], [3]: []]
        let txn = try env.beginWrite()
        for (key, count) in [([1], 1), ([2, 0], 30), ([3], 5000)] as [([UInt8], Int)] {
            for _ in 0..<count {
                let value = value()
                model[key]!.insert(value)
                try txn.put(db, key, value)
            }
        }
        try txn.commit()
        let sorted = model.mapValues { $0.sorted { $0.lexicographicallyPrecedes($1) } }
        try env.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            try t.withCursor(db) { (cursor: inout Cursor) throws(LMDBError) in
                var walked: [[UInt8]: [[UInt8]]] = [:]
                while try cursor.next() {
                    walked[[UInt8](cursor.key), default: []].append([UInt8](cursor.value))
                }
                #expect(walked == sorted, "seed \(seed)")
                for _ in 0..<2000 {
                    let key: [UInt8] = [[1], [2, 0], [3], [2]][next(4)]
                    let wanted = value()
                    let found = try cursor.seek(key, value: wanted)
                    let expected = sorted[key]?.first { !$0.lexicographicallyPrecedes(wanted) }
                    #expect((found ? [UInt8](cursor.value) : nil) == expected, "seed \(seed)")
                    if found { #expect([UInt8](cursor.key) == key) }
                }
            }
        }
    }

    @Test func aSetHoldsAValueOnce() throws {
        let scratch = ScratchDirectory()
        let env = try Environment(path: scratch.path, options: EnvironmentOptions(maxMapBytes: 1 << 20))
        let plain = try env.openDatabase("plain")
        let sets = try env.openDatabase("sets", fixedValues: true)
        let txn = try env.beginWrite()
        for value: [UInt8] in [[1], [2], [1]] {
            try txn.put(plain, [1], value)
            try txn.put(sets, [1], value)
        }
        #expect(try txn.statistics(plain).entries == 1)
        #expect(try txn.statistics(sets).entries == 2)
    }
}
