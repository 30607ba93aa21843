import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What the files under `folder` take on disk: allocated blocks, holes not counted.
func diskBytes(under folder: String) -> Int {
    var total = 0
    guard let files = FileManager.default.enumerator(atPath: folder) else { return 0 }
    for case let name as String in files {
        var status = stat()
        guard lstat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
        total += Int(status.st_blocks) * 512
    }
    return total
}
