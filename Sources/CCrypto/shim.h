// SHA-256's init/update/final calls are marked deprecated in favour of EVP, which costs an allocation and a
// lock a call: more than the hash itself on short input. They stay in the library for as long as its ABI does.
#define OPENSSL_SUPPRESS_DEPRECATED 1
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

/* CRC-32C by the processor's own instruction, eight bytes in three cycles; `crc` in and out is not inverted. Call it
   only where daybook_has_crc32c says that it is there. */
#if defined(__x86_64__)
static inline int daybook_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("sse4.2"))) static inline unsigned int daybook_crc32c(
    unsigned int crc, const void *bytes, unsigned long count) {
    const unsigned char *p = (const unsigned char *)bytes;
    unsigned long long c = crc;
    for (; count >= 8; count -= 8, p += 8) {
        unsigned long long word;
        __builtin_memcpy(&word, p, 8);
        c = __builtin_ia32_crc32di(c, word);
    }
    unsigned int tail = (unsigned int)c;
    for (; count > 0; count--, p++) tail = __builtin_ia32_crc32qi(tail, *p);
    return tail;
}
#else
static inline int daybook_has_crc32c(void) { return 0; }
static inline unsigned int daybook_crc32c(unsigned int crc, const void *bytes, unsigned long count) {
    (void)bytes;
    (void)count;
    return crc;
}
#endif
