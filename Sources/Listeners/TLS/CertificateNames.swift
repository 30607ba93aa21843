import Crypto
import NIOSSL
import Wire

/// What a certificate can be named by in a setting.
enum CertificateNames {
    /// Its DNS names in lower case, its URIs, and `sha256:` with the digest of its DER bytes in hexadecimal.
    static func all(_ certificate: NIOSSLCertificate) -> Set<String> {
        var names: Set<String> = []
        for name in certificate._subjectAlternativeNames() {
            let text = String(decoding: name.contents, as: UTF8.self)
            if name.nameType == .dnsName { names.insert(text.lowercased()) }
            if name.nameType == .uri { names.insert(text) }
        }
        // What cannot be written as DER has no digest: it is then known by its names alone.
        if let der = try? certificate.toDERBytes() {
            names.insert("sha256:" + Hex.encode(Array(SHA256.hash(data: der))))
        }
        return names
    }
}
