import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A certificate chain and its key, out of two PEM files that are read again when they change: a renewed certificate serves the next
/// connection, without a restart.
///
/// Files that do not read change nothing: the last good pair stays.
final class ServedCertificate: Sendable {
    private struct Pair: Sendable {
        var chain: [NIOSSLCertificateSource]
        var key: NIOSSLPrivateKeySource
    }

    /// What tells that a file was replaced or written to.
    private struct Stamp: Equatable {
        var modified: Date?
        var bytes: Int?
        var file: Int?

        init(_ path: String) {
            let found = try? FileManager.default.attributesOfItem(atPath: path)
            modified = found?[.modificationDate] as? Date
            bytes = found?[.size] as? Int
            file = found?[.systemFileNumber] as? Int
        }
    }

    private struct State {
        var pair: Pair
        var stamps: [Stamp]
        var looked: ContinuousClock.Instant
        /// What the files as they are now lack; told once.
        var problem: String?
    }

    private let files: ServeSettings.TLSFiles
    /// How long what was seen of the files is good for.
    private let patience: Duration
    private let logger: Logger
    private let state: Mutex<State>

    /// - Throws: what NIOSSL says of files that do not read.
    init(
        _ files: ServeSettings.TLSFiles, patience: Duration = .seconds(1),
        logger: Logger = Logger(label: "daybook.tls")
    ) throws {
        (self.files, self.patience, self.logger) = (files, patience, logger)
        // Before they are read: what is replaced meanwhile is then read again.
        let stamps = [Stamp(files.certificate), Stamp(files.key)]
        state = Mutex(
            State(pair: try Self.read(files), stamps: stamps, looked: .now))
    }

    private static func read(_ files: ServeSettings.TLSFiles) throws -> Pair {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        guard !chain.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
        let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        let pair = Pair(chain: chain.map { .certificate($0) }, key: .privateKey(key))
        // What a handshake would stumble over is better found here.
        _ = try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: pair.chain, privateKey: pair.key))
        return pair
    }

    /// The pair, where what was seen of the files is still good for a while.
    private var recent: Pair? {
        state.withLock { $0.looked.duration(to: .now) < patience ? $0.pair : nil }
    }

    private func current() -> Pair {
        state.withLock { state in
            guard state.looked.duration(to: .now) >= patience else { return state.pair }
            state.looked = .now
            let stamps = [Stamp(files.certificate), Stamp(files.key)]
            guard stamps != state.stamps else { return state.pair }
            do {
                (state.pair, state.stamps, state.problem) = (try Self.read(files), stamps, nil)
            } catch {
                let problem = "\(error)"
                if problem != state.problem {
                    logger.error(
                        "the new certificate does not read: the old one goes on being served, until it expires",
                        metadata: ["certificate": "\(files.certificate)", "problem": "\(problem)"])
                }
                state.problem = problem
            }
            return state.pair
        }
    }

    /// What a listener is set up with: TLS 1.2 or later.
    ///
    /// - Parameter clientAuthorities: a PEM file; with it a client must show a certificate that one of them signed.
    func configuration(clientAuthorities: String? = nil) throws -> TLSConfiguration {
        let pair = current()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain, privateKey: pair.key)
        configuration.minimumTLSVersion = .tlsv12
        if let clientAuthorities {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(clientAuthorities))
            configuration.certificateVerification = .noHostnameVerification
        }
        configuration.sslContextCallback = { [self] _, promise in
            if let pair = recent {
                promise.succeed(Self.override(pair))
                return
            }
            // On a thread of its own: what BoringSSL says of a key that is not its certificate's stays in the thread's queue of errors, where
            // the handshake under way on this one would take it for its own.
            NIOThreadPool.singleton.submit { _ in promise.succeed(Self.override(self.current())) }
        }
        return configuration
    }

    private static func override(_ pair: Pair) -> NIOSSLContextConfigurationOverride {
        var override = NIOSSLContextConfigurationOverride()
        override.certificateChain = pair.chain
        override.privateKey = pair.key
        return override
    }
}
