import Foundation

/// The files that peers read their data from, little-endian throughout.
enum PeerFiles {
    /// Writes values: u32 length, bytes.
    static func writeValues(_ values: [[UInt8]], to path: String) throws {
        var bytes: [UInt8] = []
        for value in values {
            append(UInt32(value.count), to: &bytes)
            bytes += value
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Writes the versions of patients: u32 patient, u32 resource, u64 instant, u32 length, body.
    ///
    /// The instants are those of the patient's own versions, one a second: what matters to an as-of read is their order.
    static func writeVersions(patients: Int, versions: Int, to path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let file = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        for number in 0..<patients {
            var bytes: [UInt8] = []
            var instant: UInt64 = 1_700_000_000_000_000
            SyntheticPatient(number: number, versions: versions).forEachVersion { version in
                append(UInt32(number), to: &bytes)
                append(UInt32(version.name.resource), to: &bytes)
                append(instant, to: &bytes)
                append(UInt32(version.bytes.count), to: &bytes)
                bytes += version.bytes
                instant += 1_000_000
            }
            try file.write(contentsOf: Data(bytes))
        }
    }

    private static func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
}
