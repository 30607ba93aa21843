import NIOCore

/// Whom a connection is counted with: its address without the port. Of IPv6, the network of 64 bits: one household or host has so many
/// addresses of its own.
enum Peer {
    static func name(_ address: SocketAddress?) -> String {
        switch address {
        case .v6(let address):
            return withUnsafeBytes(of: address.address.sin6_addr) { bytes in
                // An IPv4 address in IPv6's clothes.
                let isMapped =
                    bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
                return (isMapped ? bytes.dropFirst(12) : bytes.prefix(8)).map { String($0, radix: 16) }
                    .joined(separator: isMapped ? "." : ":")
            }
        default: return address?.ipAddress ?? "unknown"
        }
    }
}
