import Intake
import Wire

/// Puts a version and its time into a resource's `meta`, and leaves all other bytes as they are stored. What the source's own meta
/// said of version and time gives way; the rest of it stays.
enum VersionedResource {
    /// Appends the resource as it is served.
    ///
    /// - Throws: where the source's own meta does not read: what it says of security is not left out in silence.
    static func append(
        _ content: [UInt8], of reference: String, version: Position, at recordedAt: Instant,
        to out: inout [UInt8]
    ) throws(StoreError) {
        guard let found = member("meta", of: content) else {
            out.append(UInt8(ascii: "{"))
            begin(version, recordedAt, &out)
            out.append(UInt8(ascii: "}"))
            if content.count > 2 { out.append(UInt8(ascii: ",")) }
            out.append(contentsOf: content[1...])
            return
        }
        out.append(contentsOf: content[..<found.start])
        begin(version, recordedAt, &out)
        if !appendPlain(content, found.value, to: &out) {
            let rest = try StoredJSON.document(Array(content[found.value]), of: reference)
            for (name, value) in rest.root.members where name != "versionId" && name != "lastUpdated" {
                out.append(UInt8(ascii: ","))
                JSONWriter.appendQuoted(name.utf8, to: &out)
                out.append(UInt8(ascii: ":"))
                out.append(contentsOf: value.raw)
            }
        }
        out.append(UInt8(ascii: "}"))
        out.append(contentsOf: content[found.value.upperBound...])
    }

    static func bytes(
        _ content: [UInt8], of reference: String, version: Position, at recordedAt: Instant
    ) throws(StoreError) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(content.count + 96)
        try append(content, of: reference, version: version, at: recordedAt, to: &out)
        return out
    }

    private static func begin(_ version: Position, _ recordedAt: Instant, _ out: inout [UInt8]) {
        out.append(contentsOf: #""meta":{"versionId":""#.utf8)
        out.append(contentsOf: String(version.value).utf8)
        out.append(contentsOf: #"","lastUpdated":""#.utf8)
        recordedAt.appendRFC3339(to: &out)
        out.append(UInt8(ascii: "\""))
    }

    private static let own: [[UInt8]] = [Array(#""versionId""#.utf8), Array(#""lastUpdated""#.utf8)]

    /// Appends the members of the source's meta, but for version and time, as they stand. Nothing of them is taken apart.
    ///
    /// - Returns: false, and nothing was appended, where it is no object, or a name is written with an escape.
    private static func appendPlain(_ content: [UInt8], _ meta: Range<Int>, to out: inout [UInt8]) -> Bool {
        content.withUnsafeBufferPointer { bytes in
            guard bytes[meta.lowerBound] == UInt8(ascii: "{") else { return false }
            let start = out.count
            var i = meta.lowerBound + 1
            while i < meta.upperBound, bytes[i] == UInt8(ascii: "\"") {
                let name = i..<stringEnd(bytes, i)
                guard name.upperBound < meta.upperBound, !bytes[name].contains(UInt8(ascii: "\\")) else {
                    out.removeLast(out.count - start)
                    return false
                }
                let end = valueEnd(bytes, name.upperBound + 1)
                if !own.contains(where: { bytes[name].elementsEqual($0) }) {
                    out.append(UInt8(ascii: ","))
                    out.append(contentsOf: bytes[i..<end])
                }
                // Past the comma, or the object's end.
                i = end + 1
            }
            let isEmpty = i == meta.lowerBound + 1 && bytes[i] == UInt8(ascii: "}")
            if isEmpty || i == meta.upperBound { return true }
            out.removeLast(out.count - start)
            return false
        }
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
