import Ciphers
import Foundation
import Testing

@testable import EventLog

@Suite struct MasterKeyTests {
    let folder: TemporaryFolder
    let hex = String(repeating: "0a", count: 32)
    let key: SecretKey

    init() throws {
        folder = try TemporaryFolder()
        key = try #require(SecretKey([UInt8](repeating: 10, count: 32)))
    }

    func file(_ text: String, mode: Int = 0o600) throws -> String {
        let path = folder.path + "/KEY-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    @Test func sourcesAreReadFromText() {
        #expect(MasterKeySource("env:KEY") == .environment(name: "KEY"))
        #expect(MasterKeySource("command:vault read x") == .command("vault read x"))
        #expect(MasterKeySource("file:/k") == .file(path: "/k"))
        #expect(MasterKeySource("/k") == .file(path: "/k"))
    }

    @Test func aMadeKeyIsReadAgainAndOnlyItsOwnerMay() throws {
        let path = folder.path + "/STORE.key"
        let made = try MasterKey.create(file: path)
        #expect(try MasterKey.load(.file(path: path)).matches(made))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(throws: LogError.exists(what: "the master key's file \(path)")) {
            try MasterKey.create(file: path)
        }
    }

    @Test func filesAreReadWithOrWithoutALineEnd() throws {
        for text in [hex, hex + "\n", hex.uppercased() + "\r\n"] {
            #expect(try MasterKey.load(.file(path: try file(text))).matches(key))
        }
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        for mode in [0o640, 0o604, 0o660, 0o644] {
            let path = try file(hex, mode: mode)
            #expect(throws: LogError.self) { try MasterKey.load(.file(path: path)) }
        }
    }

    @Test func whatIsNotAKeyIsRefusedWithoutBeingShown() throws {
        for text in [
            "", "0a", hex + "0", String(hex.dropLast(2)), hex.replacingOccurrences(of: "a", with: "g"),
        ] {
            do {
                _ = try MasterKey.load(.file(path: try file(text)))
                Issue.record("\(text) was taken for a key")
            } catch {
                #expect(text.isEmpty || !"\(error)".contains(text))
            }
        }
        #expect(throws: LogError.self) { try MasterKey.load(.file(path: folder.path + "/absent")) }
    }

    @Test func environmentVariables() throws {
        setenv("DAYBOOK_TEST_MASTER_KEY", hex, 1)
        #expect(try MasterKey.load(.environment(name: "DAYBOOK_TEST_MASTER_KEY")).matches(key))
        #expect(throws: LogError.self) { try MasterKey.load(.environment(name: "DAYBOOK_TEST_ABSENT")) }
    }

    @Test func commands() throws {
        #expect(try MasterKey.load(.command("echo \(hex)")).matches(key))
        for command in ["exit 3", "echo \(hex); exit 1", "echo no", "no-such-command-anywhere 2>/dev/null"] {
            #expect(throws: LogError.self) { try MasterKey.load(.command(command)) }
        }
    }
}
