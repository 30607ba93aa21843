import Intake
import Wire

/// Puts a version and its time into a resource's `meta`, and leaves all other bytes as they are stored. What the source's own meta
/// said of version and time gives way; the rest of it stays.
enum VersionedResource {
    /// - Throws: where the source's own meta does not read: what it says of security is not left out in silence.
    static func bytes(
        _ content: [UInt8], of reference: String, version: Position, at recordedAt: Instant
    ) throws(StoreError) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(content.count + 96)
        guard let found = member("meta", of: content) else {
            out.append(UInt8(ascii: "{"))
            append(version, recordedAt, rest: nil, to: &out)
            if content.count > 2 { out.append(UInt8(ascii: ",")) }
            out.append(contentsOf: content.dropFirst())
            return out
        }
        out.append(contentsOf: content[..<found.start])
        let rest = try StoredJSON.document(Array(content[found.value]), of: reference)
        append(version, recordedAt, rest: rest, to: &out)
        out.append(contentsOf: content[found.value.upperBound...])
        return out
    }

    private static func append(
        _ version: Position, _ recordedAt: Instant, rest: JSONDocument?, to out: inout [UInt8]
    ) {
        out.append(contentsOf: #""meta":{"versionId":""#.utf8)
        out.append(contentsOf: String(version.value).utf8)
        out.append(contentsOf: #"","lastUpdated":""#.utf8)
        recordedAt.appendRFC3339(to: &out)
        out.append(UInt8(ascii: "\""))
        if let rest {
            for (name, value) in rest.root.members where name != "versionId" && name != "lastUpdated" {
                out.append(UInt8(ascii: ","))
                JSONWriter.appendQuoted(name.utf8, to: &out)
                out.append(UInt8(ascii: ":"))
                out.append(contentsOf: value.raw)
            }
        }
        out.append(UInt8(ascii: "}"))
    }

    /// Where an object's own member stands: its name's opening quote, and its value. The bytes are valid JSON without white space
    /// between its tokens, as intake keeps them.
    static func member(_ name: String, of content: [UInt8]) -> (start: Int, value: Range<Int>)? {
        let wanted = Array("\"\(name)\":".utf8)
        return content.withUnsafeBufferPointer { bytes in
            var depth = 0
            var i = 0
            while i < bytes.count {
                switch bytes[i] {
                case UInt8(ascii: "\""):
                    let end = stringEnd(bytes, i)
                    if depth == 1, i + wanted.count <= bytes.count,
                        bytes[i - 1] != UInt8(ascii: ":"), bytes[i..<(i + wanted.count)].elementsEqual(wanted)
                    {
                        let start = i + wanted.count
                        return (i, start..<valueEnd(bytes, start))
                    }
                    i = end
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                i += 1
            }
            return nil
        }
    }

    private static func stringEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var i = start + 1
        while i < bytes.count, bytes[i] != UInt8(ascii: "\"") { i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1 }
        return i + 1
    }

    private static func valueEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var depth = 0
        var i = start
        while i < bytes.count {
            switch bytes[i] {
            case UInt8(ascii: "\""):
                i = stringEnd(bytes, i)
                if depth == 0 { return i }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return i }
                depth -= 1
                if depth == 0 { return i + 1 }
            case UInt8(ascii: ","): if depth == 0 { return i }
            default: break
            }
            i += 1
        }
        return i
    }
}
