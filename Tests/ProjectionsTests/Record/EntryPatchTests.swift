import Seeded
import Testing
import Wire

@testable import Projections

@Suite struct EntryPatchTests {
    private func made(_ base: [UInt8], _ new: [UInt8], limit: Int = .max) -> [UInt8]? {
        var maker = PatchMaker()
        return base.withUnsafeBytes { base in
            new.withUnsafeBytes { new in maker.patch(from: base, to: new, limit: limit) }
        }
    }

    private func apply(_ patch: [UInt8], _ base: [UInt8], count: Int) throws(WireError) -> [UInt8] {
        var failure: WireError?
        let out = [UInt8](unsafeUninitializedCapacity: max(1, count)) { out, filled in
            patch.withUnsafeBytes { patch in
                base.withUnsafeBytes { base in
                    do throws(WireError) {
                        try EntryPatch.apply(
                            patch, to: base, count: count, out: UnsafeMutableRawPointer(out.baseAddress!))
                        filled = count
                    } catch { failure = error }
                }
            }
        }
        if let failure { throw failure }
        return out
    }

    private func random(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 97...112, using: &random) }
    }

    /// Whatever is cut, put in, moved or repeated, the patch makes the new bytes of the old ones.
    @Test(arguments: 0..<300) func makesWhatItWasMadeFrom(seed: Int) throws {
        var source = SplitMix64(seed: UInt64(seed))
        let base = random([0, 3, 11, 400, 1500, 40_000].randomElement(using: &source)!, &source)
        var new = base
        for _ in 0..<Int.random(in: 0...8, using: &source) {
            let at = Int.random(in: 0...new.count, using: &source)
            let end = min(new.count, at + Int.random(in: 0...40, using: &source))
            let from = Int.random(in: 0...base.count, using: &source)
            let piece = base[from..<min(base.count, from + Int.random(in: 0...60, using: &source))]
            new.replaceSubrange(
                at..<end, with: Bool.random(using: &source) ? random(end - at, &source) : Array(piece))
        }
        let patch = try #require(made(base, new))
        #expect(try apply(patch, base, count: new.count) == new, "seed \(seed)")
        #expect(made(base, new, limit: patch.count) == nil, "seed \(seed)")
    }

    @Test func aFewChangedValuesMakeASmallPatch() throws {
        let base = Array(
            #"{"id":"r1","meta":{"versionId":"7"},"status":"preliminary","note":"as before"}"#.utf8)
        let new = Array(#"{"id":"r1","meta":{"versionId":"81"},"status":"final","note":"as before"}"#.utf8)
        let patch = try #require(made(base, new))
        #expect(patch.count < 20)
        #expect(try apply(patch, base, count: new.count) == new)
    }

    @Test(arguments: 0..<400) func anyBytesEndInAnError(seed: Int) throws {
        var source = SplitMix64(seed: UInt64(seed))
        let base = random(200, &source)
        var new = base
        new.replaceSubrange(40..<60, with: random(30, &source))
        var patch = try #require(made(base, new))
        for _ in 0..<Int.random(in: 1...3, using: &source) {
            patch[Int.random(in: 0..<patch.count, using: &source)] = UInt8.random(in: 0...255, using: &source)
        }
        if Bool.random(using: &source) { patch.removeLast() }
        do throws(WireError) { #expect(try apply(patch, base, count: new.count).count == new.count) } catch {}
    }
}
