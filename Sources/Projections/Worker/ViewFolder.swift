import Foundation
import Wire

/// The folders of one projection: `NAME.vN.G`, one for each generation G, and the link `NAME.vN` to the one that is read.
///
/// A rebuild fills the next generation and turns the link, which is one rename: whoever opens the link finds
/// the old view or the new one, never neither.
struct ViewFolder: Sendable {
    let views: String
    let stem: String
    private let name: String

    init(views: String, name: String, version: Int) {
        (self.views, self.name) = (views, name)
        stem = "\(name).v\(version)"
    }

    private var link: String { "\(views)/\(stem)" }

    func path(generation: Int) -> String { "\(views)/\(stem).\(generation)" }

    /// The generation the link names; nil where there is no view yet.
    var current: Int? {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
            target.hasPrefix(stem + "."), let generation = Int(target.dropFirst(stem.count + 1)),
            FileManager.default.fileExists(atPath: path(generation: generation))
        else { return nil }
        return generation
    }

    /// Makes a generation's folder, empty.
    func create(generation: Int) throws(ProjectionError) {
        let path = path(generation: generation)
        do {
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .system(code: errno, operation: "create \(path)")
        }
    }

    /// Turns the link to a generation.
    func publish(generation: Int) throws(ProjectionError) {
        let fresh = link + ".turning"
        unlink(fresh)
        guard symlink("\(stem).\(generation)", fresh) == 0 else {
            throw .system(code: errno, operation: "symlink \(fresh)")
        }
        guard rename(fresh, link) == 0 else { throw .system(code: errno, operation: "rename \(fresh)") }
    }

    func remove(generation: Int) { try? FileManager.default.removeItem(atPath: path(generation: generation)) }

    /// Removes generations that nothing names: what a rebuild cut short, or an old view still read when its process ended.
    func sweep() {
        let kept = current
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: views)) ?? [] {
            guard entry.hasPrefix(stem + "."), let generation = Int(entry.dropFirst(stem.count + 1)),
                generation != kept
            else { continue }
            remove(generation: generation)
        }
    }

    /// Removes what is there of the projection's other versions, link and generations: this one never reads them.
    func sweepOtherVersions() {
        let prefix = name + ".v"
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: views)) ?? [] {
            guard entry.hasPrefix(prefix) else { continue }
            let numbers = entry.dropFirst(prefix.count).split(
                separator: ".", omittingEmptySubsequences: false)
            guard numbers.count <= 2, numbers.allSatisfy({ Int($0) != nil }), "\(prefix)\(numbers[0])" != stem
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(views)/\(entry)")
        }
    }
}
