import CZstd
import Glibc

/// One thread's compression and decompression contexts: making one costs more than compressing a resource.
@safe final class ZstdThreadContext {
    let compressing: OpaquePointer
    let decompressing: OpaquePointer
    /// What the compression context is set to, so that it is only set when that changes.
    private var level: Int32?
    private var longDistance = false
    private var dictionary: ZstdDictionary?

    private init(_ compressing: OpaquePointer, _ decompressing: OpaquePointer) {
        unsafe (self.compressing, self.decompressing) = (compressing, decompressing)
    }

    deinit {
        unsafe ZSTD_freeCCtx(compressing)
        unsafe ZSTD_freeDCtx(decompressing)
    }

    func prepare(level: Int32, dictionary: ZstdDictionary?, contentBytes: Int) throws(ZstdError) {
        let longDistance = dictionary == nil && contentBytes > Zstd.longDistanceBytes
        let level = dictionary?.level ?? level
        if self.level == level, self.longDistance == longDistance, self.dictionary === dictionary { return }
        // Known again only when every call below went well.
        self.level = nil
        try check(unsafe ZSTD_CCtx_reset(compressing, ZSTD_reset_session_and_parameters))
        try set(ZSTD_c_compressionLevel, level)
        try set(ZSTD_c_dictIDFlag, 0)
        try set(ZSTD_c_checksumFlag, 0)
        if longDistance { try set(ZSTD_c_enableLongDistanceMatching, 1) }
        if let dictionary { try check(unsafe ZSTD_CCtx_refCDict(compressing, dictionary.compression)) }
        (self.level, self.longDistance, self.dictionary) = (level, longDistance, dictionary)
    }

    private func set(_ parameter: ZSTD_cParameter, _ value: Int32) throws(ZstdError) {
        try check(unsafe ZSTD_CCtx_setParameter(compressing, parameter, value))
    }

    private func check(_ result: Int) throws(ZstdError) {
        if let what = Self.error(result) { throw .library(what) }
    }

    static func error(_ result: Int) -> String? {
        unsafe ZSTD_isError(result) == 0 ? nil : String(cString: ZSTD_getErrorName(result))
    }

    /// The calling thread's contexts.
    @inline(__always) static func current() throws(ZstdError) -> ZstdThreadContext {
        if let kept = unsafe pthread_getspecific(slot) {
            return unsafe Unmanaged<ZstdThreadContext>.fromOpaque(kept).takeUnretainedValue()
        }
        return try make()
    }

    @inline(never) private static func make() throws(ZstdError) -> ZstdThreadContext {
        guard let compressing = unsafe ZSTD_createCCtx() else { throw .library("ZSTD_createCCtx") }
        guard let decompressing = unsafe ZSTD_createDCtx() else {
            unsafe ZSTD_freeCCtx(compressing)
            throw .library("ZSTD_createDCtx")
        }
        let context = unsafe ZstdThreadContext(compressing, decompressing)
        unsafe pthread_setspecific(slot, Unmanaged.passRetained(context).toOpaque())
        return context
    }

    private static let slot: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key) { kept in
            guard let kept = unsafe kept else { return }
            unsafe Unmanaged<ZstdThreadContext>.fromOpaque(kept).release()
        }
        precondition(result == 0, "pthread_key_create failed")
        return key
    }()
}
