import Foundation
import Intake
import Listeners
import Logging
import Wire

/// Acknowledges every message, and keeps nothing.
struct EchoDoor: MessageDoor {
    func take(_ message: [UInt8], from peer: MLLPPeer) async -> [UInt8]? {
        let now = Instant(microseconds: 1_700_000_000_000_000)
        return HL7Acknowledgement(to: message, .stored, controlID: "E", now: now)?.encoded
    }
}

// Says its port on a line, as `daybook serve` does; whoever started it ends it.
try await MLLPListener(
    endpoint: .init(host: "127.0.0.1", port: 0), limits: MLLPLimits(), door: EchoDoor(),
    logger: Logger(label: "echo"),
    onListening: { port in
        FileHandle.standardOutput.write(Data("HL7 v2 over MLLP at 127.0.0.1:\(port).\n".utf8))
    }
).run()
