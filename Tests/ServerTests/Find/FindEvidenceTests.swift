import Foundation
import Testing
import Wire

@testable import Server

/// A search's receipts as evidence, checked by `tools/verify_evidence.py`: it says that a true answer holds, and tells what does not hold
/// (1) from what cannot be checked (2).
@Suite struct FindEvidenceTests {
    static let verifier = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "tools/verify_evidence.py")
        .path

    private func verifier(_ arguments: String...) throws -> (status: Int32, said: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", Self.verifier] + arguments
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, said)
    }

    @Test func aTrueAnswerHoldsAndAnotherDoesNot() throws {
        let fixture = try FindStore()
        try fixture.send(FindStore.patient("G7"))
        let answer = try fixture.find()
        let folder = fixture.temporary.directory + ".evidence"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (proof, body) = (folder + "/receipt", folder + "/answer.json")
        let evidence = try fixture.store.evidence(
            ofReceipt: #require(answer.receipts.first).position, withDetail: true, asker: TemporaryStore.asker
        )
        try Data(evidence.bytes).write(to: URL(filePath: proof))
        try Data(answer.json).write(to: URL(filePath: body))
        let key = try fixture.store.checkpointKey().description
        let good = try verifier("proof", proof, "--key", key, "--body", body)
        #expect(good.status == 0, "\(good.said)")
        try Data(String(decoding: answer.json, as: UTF8.self).replacing("Ann", with: "Eve").utf8).write(
            to: URL(filePath: body))
        #expect(try verifier("proof", proof, "--key", key, "--body", body).status == 1)
        // A folder for a key, or for the evidence.
        #expect(try verifier("proof", proof, "--key", folder).status == 2)
        #expect(try verifier("proof", folder, "--key", key).status == 2)
    }
}
