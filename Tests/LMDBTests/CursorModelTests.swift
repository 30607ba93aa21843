import LMDB
import Testing

/// Random puts, deletes and seeks, against a sorted array.
@Suite struct CursorModelTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func cursorsAgreeWithASortedArray(seed: UInt64) throws {
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let scratch = ScratchDirectory()
        let env = try Environment(path: scratch.path, options: EnvironmentOptions(maxMapBytes: 64 << 20))
        let db = try env.openDatabase("a")
        var model: [[UInt8]: [UInt8]] = [:]
        let txn = try env.beginWrite()
        for _ in 0..<2000 {
            let key = (0..<(1 + next(3))).map { _ in UInt8(next(6)) }
            if next(4) == 0 {
                let was = model.removeValue(forKey: key) != nil
                #expect(try txn.delete(db, key) == was, "seed \(seed)")
            } else {
                let value = [UInt8](repeating: UInt8(next(256)), count: next(3000))
                model[key] = value
                try txn.put(db, key, value)
            }
        }
        try txn.commit()
        let sorted = model.keys.sorted { $0.lexicographicallyPrecedes($1) }
        try env.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
            try t.withCursor(db) { (cursor: inout Cursor) throws(LMDBError) in
                var walked: [[UInt8]] = []
                while try cursor.next() {
                    let key = [UInt8](cursor.key)
                    walked.append(key)
                    #expect([UInt8](cursor.value) == model[key])
                }
                #expect(walked == sorted, "seed \(seed)")
                for _ in 0..<300 {
                    let wanted = (0..<(1 + next(3))).map { _ in UInt8(next(7)) }
                    let above = sorted.first { !$0.lexicographicallyPrecedes(wanted) }
                    #expect((try cursor.seek(wanted) ? [UInt8](cursor.key) : nil) == above)
                    let below = sorted.last { !wanted.lexicographicallyPrecedes($0) }
                    #expect((try cursor.seekBackward(wanted) ? [UInt8](cursor.key) : nil) == below)
                }
            }
        }
    }
}
