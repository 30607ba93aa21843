import Foundation

/// When names agree, as decision 3 says it.
enum Names {
    static func agree(_ a: String?, _ b: String?, rule: String) -> Bool {
        guard let a, let b else { return false }
        let (left, right) = (folded(a), folded(b))
        if left.isEmpty || right.isEmpty { return false }
        if left == right { return true }
        guard rule == "similar" else { return false }
        let (short, long) = left.count <= right.count ? (left, right) : (right, left)
        if short.count >= 3, Array(long.prefix(short.count)) == short { return true }
        return short.count >= 5 && oneApart(short, long)
    }

    private static func folded(_ name: String) -> [Character] {
        let plain = name.decomposedStringWithCanonicalMapping.unicodeScalars
            .filter { $0.properties.isAlphabetic && !$0.properties.isDiacritic }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: plain)
        return Array(String(view).lowercased())
    }

    /// One letter inserted, dropped or changed, tried one by one.
    private static func oneApart(_ short: [Character], _ long: [Character]) -> Bool {
        if short.count == long.count {
            return zip(short, long).filter { $0 != $1 }.count == 1
        }
        guard long.count == short.count + 1 else { return false }
        return long.indices.contains { index in
            var copy = long
            copy.remove(at: index)
            return copy == short
        }
    }
}
