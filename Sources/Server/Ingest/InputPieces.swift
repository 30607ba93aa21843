import Foundation
import Intake

/// Reads a file for `ingest` in pieces, so that files of any size take bounded memory: a file of lines in whole lines, any
/// other file at once.
public struct InputPieces: ~Copyable {
    /// Bytes of a piece, about. A line may make it longer, up to a message's limit.
    public static let pieceBytes = 16 << 20

    private let handle: FileHandle
    private let name: String
    private var rest: [UInt8] = []
    private var line = 1
    private var isLines: Bool?
    private var isAtEnd = false

    /// - Parameter name: the file's name without its folders; `-` for standard input.
    public init(_ handle: FileHandle, name: String) { (self.handle, self.name) = (handle, name) }

    /// The next piece; nil at the end. An empty file is one empty piece.
    ///
    /// - Throws: `StoreError.usage` for a document, or a line, over a message's limit; what reading throws.
    public mutating func next() throws -> IngestInput? {
        if isAtEnd { return nil }
        while rest.count < Self.pieceBytes || isLines == false || cut == nil {
            guard rest.count <= IntakeLimits.standard.messageBytes,
                let more = try handle.read(upToCount: 1 << 20), !more.isEmpty
            else { break }
            rest.append(contentsOf: more)
            if isLines == nil, rest.count >= Self.pieceBytes { isLines = FHIRFile(rest).kind == .lines }
        }
        if isLines == true, rest.count >= Self.pieceBytes, let cut {
            let piece = Array(rest[..<cut])
            rest.removeFirst(cut)
            let input = IngestInput(name: name, bytes: piece, firstLine: line)
            line += piece.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
            return input
        }
        guard rest.count <= IntakeLimits.standard.messageBytes else {
            throw StoreError.usage(
                "\(name): a message of more than \(IntakeLimits.standard.messageBytes >> 20) MiB (from line \(line)); "
                    + "nothing of it was taken: send it in smaller bundles, or as NDJSON")
        }
        isAtEnd = true
        return IngestInput(name: name, bytes: rest, firstLine: isLines == true ? line : nil)
    }

    /// Where the last whole line ends.
    private var cut: Int? { rest.lastIndex(of: 0x0A).map { $0 + 1 } }
}
