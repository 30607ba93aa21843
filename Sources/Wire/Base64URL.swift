/// Base 64 with the URL alphabet and without padding (RFC 7515, appendix C): one text for one sequence of bytes.
public enum Base64URL {
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(
            decoding: Base64.encode(bytes).utf8.compactMap { byte -> UInt8? in
                switch byte {
                case 0x2B: 0x2D
                case 0x2F: 0x5F
                case 0x3D: nil
                default: byte
                }
            }, as: UTF8.self)
    }

    /// - Returns: nil for anything that `encode` does not write.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count + 3)
        for byte in text {
            switch byte {
            case 0x2D: plain.append(0x2B)
            case 0x5F: plain.append(0x2F)
            case 0x2B, 0x2F, 0x3D: return nil
            default: plain.append(byte)
            }
        }
        if plain.count % 4 == 1 { return nil }
        while plain.count % 4 != 0 { plain.append(0x3D) }
        return Base64.decode(plain)
    }
}
