import HL7

/// OBX-5 of the types ED and RP as a FHIR Attachment.
enum HL7Attachment {
    /// - Parameter path: of the field, for a reason.
    static func attachment(_ value: HL7Value, type: String, at path: String) throws(HL7Fault) -> FHIRObject {
        var out = FHIRObject()
        if type == "RP" {
            let pointer = value.component(1).words ?? ""
            out.set("contentType", contentType(value.component(3).words, value.component(4).words))
            if !pointer.utf8.contains(where: { $0 <= 0x20 }) { out.set("url", pointer) }
            return out
        }
        out.set("contentType", contentType(value.component(2).words, value.component(3).words))
        let data = value.component(5)
        guard data.isValued else { return out }
        switch value.component(4).words?.uppercased() {
        case "BASE64":
            let bytes = data.text.filter { $0 > 0x20 }
            guard isBase64(bytes) else {
                throw HL7Fault(.invalidValue, at: path, "the document says it is Base64, and is not")
            }
            out.set("data", .utf8(bytes))
        case "HEX":
            let digits = data.text.filter { $0 > 0x20 }
            guard digits.count.isMultiple(of: 2), let bytes = decodedHex(digits) else {
                throw HL7Fault(.invalidValue, at: path, "the document says it is hexadecimal, and is not")
            }
            out.set("data", .utf8(encodedBase64(bytes)))
        case "A", nil: out.set("data", .utf8(encodedBase64(data.text)))
        case let other?:
            throw HL7Fault(
                .invalidValue, at: path, "\(other) is no encoding of a document: A, Hex and Base64 are")
        }
        return out
    }

    /// Type and subtype (tables 0191 and 0291) as a media type.
    private static func contentType(_ type: String?, _ subtype: String?) -> String? {
        let (type, subtype) = ((type ?? "").lowercased(), (subtype ?? "").lowercased())
        for text in [subtype, type] where text.contains("/") && text.isFHIRCode { return text }
        switch subtype {
        case "pdf": return "application/pdf"
        case "rtf": return "application/rtf"
        case "jpeg", "jpg": return "image/jpeg"
        case "png", "gif", "tiff": return "image/\(subtype)"
        case "html", "xml": return "text/\(subtype)"
        case "plain", "txt", "text": return "text/plain"
        case "": return type == "text" || type == "tx" ? "text/plain" : nil
        default: break
        }
        let known = ["application", "text", "image", "audio", "video", "multipart"].contains(type)
        return known && subtype.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) ? "\(type)/\(subtype)" : nil
    }

    static func isBase64(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty, bytes.count.isMultiple(of: 4) else { return false }
        let padding = bytes.suffix(2).reduce(0) { $0 + ($1 == UInt8(ascii: "=") ? 1 : 0) }
        let body = bytes.dropLast(padding)
        if padding == 2, bytes[bytes.count - 2] != UInt8(ascii: "=") { return false }
        if padding == 1, bytes[bytes.count - 1] != UInt8(ascii: "=") { return false }
        return body.allSatisfy { c in
            switch c {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"): true
            default: false
            }
        }
    }

    private static func decodedHex(_ digits: [UInt8]) -> [UInt8]? {
        var out: [UInt8] = []
        out.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for c in digits {
            let value: UInt8
            switch c {
            case 0x30...0x39: value = c - 0x30
            case 0x41...0x46: value = c - 0x37
            case 0x61...0x66: value = c - 0x57
            default: return nil
            }
            if let first = high {
                out.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return out
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encodedBase64(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var i = 0
        while i < bytes.count {
            let count = min(3, bytes.count - i)
            let word = (0..<3).reduce(UInt32(0)) { $0 << 8 | ($1 < count ? UInt32(bytes[i + $1]) : 0) }
            for k in 0..<4 {
                out.append(k <= count ? alphabet[Int(word >> UInt32(18 - 6 * k) & 63)] : UInt8(ascii: "="))
            }
            i += 3
        }
        return out
    }
}
