#include <lmdb.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Linux's sync_file_range, which Swift's Glibc module does not show: writes the range's dirty pages and waits for
   them, without touching the file's metadata or the disk's cache. 2 | 4 = WRITE | WAIT_AFTER. */
static inline int daybook_write_back(int descriptor, off_t offset, off_t count) {
    return (int)syscall(SYS_sync_file_range, descriptor, offset, count, 2 | 4);
}

/* Linux's syncfs, likewise. */
static inline int daybook_sync_file_system(int descriptor) { return (int)syscall(SYS_syncfs, descriptor); }
