import Foundation
import HL7
import Intake

/// Reads a file for `ingest` in pieces, so that files of any size take bounded memory: a file of lines in whole lines, one of HL7 v2
/// messages in whole messages, any other file at once.
public struct InputPieces: ~Copyable {
    /// Bytes of a piece, about. A line may make it longer, up to a message's limit.
    public static let pieceBytes = 16 << 20

    private let handle: FileHandle
    private let name: String
    private var rest: [UInt8] = []
    private var line = 1
    /// What is asked for; nil: told by how the file begins.
    private var type: MessageType?
    private var isCuttable: Bool?
    private var isAtEnd = false

    /// - Parameter name: the file's name without its folders; `-` for standard input.
    public init(_ handle: FileHandle, name: String, type: MessageType? = nil) {
        (self.handle, self.name, self.type) = (handle, name, type)
    }

    /// The next piece; nil at the end. An empty file is one empty piece.
    ///
    /// - Throws: `StoreError.usage` for a document, or a line, over a message's limit; what reading throws.
    public mutating func next() throws -> IngestInput? {
        if isAtEnd { return nil }
        while rest.count < Self.pieceBytes || isCuttable == false || cut == nil {
            guard rest.count <= IntakeLimits.standard.messageBytes,
                let more = try handle.read(upToCount: 1 << 20), !more.isEmpty
            else { break }
            rest.append(contentsOf: more)
            if isCuttable == nil, rest.count >= Self.pieceBytes {
                type = type ?? MessageType(sniffing: rest)
                isCuttable = type == .hl7v2 || FHIRFile(rest).kind == .lines
            }
        }
        if isCuttable == true, rest.count >= Self.pieceBytes, let cut {
            let piece = Array(rest[..<cut])
            rest.removeFirst(cut)
            let input = IngestInput(name: name, bytes: piece, firstLine: line, type: type)
            line +=
                type == .hl7v2
                ? CutMessage.lines(piece, piece.indices) : piece.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
            return input
        }
        guard rest.count <= IntakeLimits.standard.messageBytes else {
            throw StoreError.usage(
                "\(name): a message of more than \(IntakeLimits.standard.messageBytes >> 20) MiB (from line \(line)); "
                    + "nothing of it was taken: send it in smaller bundles, or as NDJSON")
        }
        isAtEnd = true
        return IngestInput(name: name, bytes: rest, firstLine: isCuttable == true ? line : nil, type: type)
    }

    /// Where the last whole line ends, or the last message begins.
    private var cut: Int? {
        type == .hl7v2 ? HL7File.lastBoundary(rest) : rest.lastIndex(of: 0x0A).map { $0 + 1 }
    }
}
