import Foundation
import Logging
import ServiceLifecycle
import Testing

@testable import Listeners

/// The control socket at a path of its own.
@Suite struct ControlListenerTests {
    @Test(.timeLimit(.minutes(5)))
    func clientsThatSayNothingHoldNoPlace() async throws {
        let path = NSTemporaryDirectory() + "dc-\(UUID().uuidString.prefix(8)).sock"
        var listener = ControlListener(
            path: path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _, reply in
            reply.output(Array("done".utf8))
            return 7
        }
        listener.callSeconds = 1
        let group = ServiceGroup(services: [listener], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while !FileManager.default.fileExists(atPath: path) {
                try await Task.sleep(for: .milliseconds(10))
            }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let status = try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(
                        with: Result {
                            // As many as there are places, and more.
                            let silent = Silent(
                                try (0..<ControlListener.commands + 4).map { _ in try Held(path) })
                            defer { silent.held.removeAll() }
                            let call = ControlCall(arguments: ["x"], directory: "/", showsProgress: false)
                            // Where this thread itself is held up for longer than a call may take, it calls again.
                            while true {
                                let socket = try UnixSocket.connected(to: path)
                                do {
                                    try ControlFrame.write(.call, try call.encoded()[...], to: socket)
                                    while let frame = try ControlFrame.read(from: socket) {
                                        if frame.kind == .status { return frame.bytes }
                                    }
                                } catch {}
                            }
                        })
                }
            }
            #expect(status == [7])
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private final class Held {
        let socket: UnixSocket
        init(_ path: String) throws { socket = try UnixSocket.connected(to: path) }
    }

    private final class Silent {
        var held: [Held]
        init(_ held: [Held]) { self.held = held }
    }
}
