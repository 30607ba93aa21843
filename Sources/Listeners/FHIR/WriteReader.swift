import Hummingbird
import Intake
import Server

/// Reads what a write says beside its resource: versions, criteria, and the entries of a batch.
enum WriteReader {
    /// `W/"12"`: an ETag of ours; `*`: any version.
    static func version(_ tag: String) throws -> VersionCondition {
        guard let version = VersionCondition(tag) else {
            throw FHIRError(
                .preconditionFailed, "conflict", "BAD_REQUEST",
                "If-Match: a version as an ETag said it, such as W/\"12\"")
        }
        return version
    }

    static func criteria(_ text: String, _ context: ServerContext, _ request: Request) throws -> WriteCriteria
    {
        let query = try FHIRQuery(text, context: context, request)
        guard let criteria = WriteCriteria(text: text, query.left) else {
            throw FHIRError(
                .badRequest, "not-supported", "BAD_REQUEST",
                "a condition names one identifier=SYSTEM|VALUE, one _id, or both, and perhaps the patient")
        }
        return criteria
    }

    /// An entry of a batch as a write of its own.
    ///
    /// - Throws: why it is none.
    static func write(
        _ entry: JSONCursor, _ context: ServerContext, _ request: Request
    ) throws -> SourceWrite {
        let method = entry["request"]?["method"]?.string ?? ""
        let url = entry["request"]?["url"]?.string ?? ""
        let halves = url.split(separator: "?", maxSplits: 1).map(String.init)
        let parts = (halves.first ?? "").split(separator: "/").map(String.init)
        guard let type = try parts.first.map(FHIRNames.checked(type:)), parts.count <= 2,
            parts.count == 1 || FHIRNames.isID(parts[1])
        else { throw FHIRError.badRequest("the entry's url is no Type or Type/id") }
        let body = entry["resource"].map { Array($0.raw) } ?? []
        var write: SourceWrite
        switch (method, parts.count) {
        case ("POST", 1):
            write = SourceWrite(.create(type: type), body: body)
            write.criteria = try entry["request"]?["ifNoneExist"]?.string.map {
                try criteria($0, context, request)
            }
        case ("PUT", 2): write = SourceWrite(.update(type: type, id: parts[1]), body: body)
        case ("PUT", 1):
            write = SourceWrite(.updateMatching(type: type), body: body)
            write.criteria = try criteria(halves.count > 1 ? halves[1] : "", context, request)
        case ("DELETE", 1) where halves.count > 1:
            write = SourceWrite(.deleteMatching(type: type))
            write.criteria = try criteria(halves[1], context, request)
        case ("DELETE", 2): write = SourceWrite(.delete(type: type, id: parts[1]))
        default:
            throw FHIRError(
                .unprocessableContent, "not-supported", "BAD_REQUEST",
                "\(method.prefix(16)) \(url.prefix(100)) is no update that is taken here")
        }
        write.fullURL = entry["fullUrl"]?.string
        write.ifMatch = try entry["request"]?["ifMatch"]?.string.map(version)
        return write
    }
}
