/*
 * Fault model: preloaded into a process that writes, it makes one system call of the commit path go wrong, counted from
 * the moment the process arms it.
 *
 *   FAULT_PATH    part of the path of the file meant
 *   FAULT_CALL    pwrite, lseek, writev, fdatasync, open, or dsync (a write through a descriptor opened O_DSYNC), or any
 *   FAULT_NTH     which of them fails first, from 1; 0: none
 *   FAULT_TIMES   how many fail from there on; 0: all
 *   FAULT_HOW     an errno's number: nothing is done, and that is said
 *                 short: half is written, and that is said
 *                 after: all is done, and EIO is said
 *                 wait: all is done, FAULT_WAIT milliseconds later (fdatasync alone)
 *                 power: all that was not synced is kept or lost sector by sector, and the process ends as by kill -9
 *   FAULT_SEED    of what a power cut keeps
 *   FAULT_NOW     count from the start
 *   FAULT_ARM     a file: count from when it is there
 *   FAULT_WAITS   a file that is made when a wait begins
 *   FAULT_REPORT  a file that is told, at each call counted, how many of each there were
 *
 * It says nothing of disks that lie about a sync.
 */
#define _GNU_SOURCE
#include "FaultShim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum call { CALL_PWRITE, CALL_LSEEK, CALL_WRITEV, CALL_FDATASYNC, CALL_OPEN, CALL_DSYNC, CALL_KINDS };
static const char *const names[CALL_KINDS] = {"pwrite", "lseek", "writev", "fdatasync", "open", "dsync"};

enum { SECTOR = 512 };

/* What a write that is not synced yet replaced. */
struct undo {
    struct undo *next;
    int fd;
    off_t offset;
    size_t length;
    unsigned char bytes[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int armed = -1;
static unsigned long counted[CALL_KINDS], counted_all;
static struct undo *undos;
static unsigned long long randomness;

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static int is_armed(void) {
    if (armed < 0) armed = *setting("FAULT_NOW") != 0;
    if (!armed && *setting("FAULT_ARM")) armed = access(setting("FAULT_ARM"), F_OK) == 0;
    return armed;
}

void daybook_fault_arm(void) { armed = 1; }

static int is_meant(const char *path) { return path && *setting("FAULT_PATH") && strstr(path, setting("FAULT_PATH")); }

static int is_meant_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return is_meant(path);
}

static void say_waiting(void) {
    const char *path = setting("FAULT_WAITS");
    if (!*path) return;
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int fd = real_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
}

static void report(void) {
    const char *path = setting("FAULT_REPORT");
    if (!*path) return;
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int fd = real_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    char text[256];
    int n = 0;
    for (int i = 0; i < CALL_KINDS; i++) n += snprintf(text + n, sizeof text - (size_t)n, "%s %lu\n", names[i], counted[i]);
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    real(fd, text, (size_t)n);
    close(fd);
}

/* Whether this call is to go wrong. The lock is held. */
static int goes_wrong(enum call kind) {
    counted[kind]++;
    counted_all++;
    report();
    const char *call = setting("FAULT_CALL");
    unsigned long nth = strtoul(setting("FAULT_NTH"), 0, 10), times = strtoul(setting("FAULT_TIMES"), 0, 10);
    unsigned long at = strcmp(call, "any") == 0 ? counted_all : strcmp(call, names[kind]) == 0 ? counted[kind] : 0;
    return nth && at >= nth && (times == 0 || at < nth + times);
}

static int how_is(const char *how) { return strcmp(setting("FAULT_HOW"), how) == 0; }

static int how_errno(void) {
    int code = atoi(setting("FAULT_HOW"));
    return code ? code : EIO;
}

static unsigned int dice(void) {
    randomness = randomness * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned int)(randomness >> 33);
}

/* Every sector that was not synced is, or is not, on the disk. */
static void cut_power(void) {
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite64");
    randomness = strtoull(setting("FAULT_SEED"), 0, 10) * 2862933555777941757ULL + 3037000493ULL;
    for (struct undo *u = undos; u; u = u->next)
        for (size_t at = 0; at < u->length;) {
            size_t end = (size_t)(((u->offset + (off_t)at) / SECTOR + 1) * SECTOR - u->offset);
            if (end > u->length) end = u->length;
            if (dice() & 1) real(u->fd, u->bytes + at, end - at, u->offset + (off_t)at);
            at = end;
        }
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static void remember(int fd, off_t offset, size_t length) {
    if (!how_is("power")) return;
    struct undo *u = malloc(sizeof *u + length);
    if (!u) return;
    memset(u->bytes, 0, length);
    /* The descriptor may be for writing only. */
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int reader = real_open(link, O_RDONLY | O_CLOEXEC);
    if (reader < 0 || pread(reader, u->bytes, length, offset) < 0) abort();
    close(reader);
    u->fd = fd;
    u->offset = offset;
    u->length = length;
    u->next = undos;
    undos = u;
}

static void forget(void) {
    while (undos) {
        struct undo *next = undos->next;
        free(undos);
        undos = next;
    }
}

static ssize_t written(int fd, const void *bytes, size_t length, off_t offset) {
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite64");
    if (!is_armed() || !is_meant_fd(fd)) return real(fd, bytes, length, offset);
    int synced = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
    pthread_mutex_lock(&lock);
    ssize_t result;
    int code = 0;
    if (!goes_wrong(synced ? CALL_DSYNC : CALL_PWRITE)) {
        if (!synced) remember(fd, offset, length);
        result = real(fd, bytes, length, offset);
        code = errno;
    } else if (how_is("power")) {
        remember(fd, offset, length);
        real(fd, bytes, length, offset);
        cut_power();
        result = -1;
    } else if (how_is("short")) {
        result = real(fd, bytes, length / 2, offset);
        code = errno;
    } else {
        if (how_is("after")) real(fd, bytes, length, offset);
        result = -1;
        code = how_errno();
    }
    pthread_mutex_unlock(&lock);
    errno = code;
    return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return written(fd, bytes, length, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) { return written(fd, bytes, length, offset); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
    ssize_t (*real)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
    if (!is_armed() || !is_meant_fd(fd)) return real(fd, parts, count);
    size_t length = 0;
    for (int i = 0; i < count; i++) length += parts[i].iov_len;
    off_t (*seek)(int, off_t, int) = dlsym(RTLD_NEXT, "lseek64");
    off_t offset = seek(fd, 0, SEEK_CUR);
    pthread_mutex_lock(&lock);
    ssize_t result;
    int code = 0;
    if (!goes_wrong(CALL_WRITEV)) {
        remember(fd, offset, length);
        result = real(fd, parts, count);
        code = errno;
    } else if (how_is("power")) {
        remember(fd, offset, length);
        real(fd, parts, count);
        cut_power();
        result = -1;
    } else if (how_is("short")) {
        result = real(fd, parts, count / 2);
        code = errno;
    } else {
        if (how_is("after")) real(fd, parts, count);
        result = -1;
        code = how_errno();
    }
    pthread_mutex_unlock(&lock);
    errno = code;
    return result;
}

static off_t sought(int fd, off_t offset, int whence) {
    off_t (*real)(int, off_t, int) = dlsym(RTLD_NEXT, "lseek64");
    if (!is_armed() || !is_meant_fd(fd)) return real(fd, offset, whence);
    pthread_mutex_lock(&lock);
    int wrong = goes_wrong(CALL_LSEEK);
    if (wrong && how_is("power")) cut_power();
    pthread_mutex_unlock(&lock);
    if (!wrong || how_is("short")) return real(fd, offset, whence);
    errno = how_errno();
    return -1;
}

off_t lseek(int fd, off_t offset, int whence) { return sought(fd, offset, whence); }
off_t lseek64(int fd, off_t offset, int whence) { return sought(fd, offset, whence); }

int fdatasync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    if (!is_armed() || !is_meant_fd(fd)) return real(fd);
    pthread_mutex_lock(&lock);
    int wrong = goes_wrong(CALL_FDATASYNC), result = 0, code = 0;
    if (wrong && how_is("power")) cut_power();
    if (wrong && how_is("wait")) {
        say_waiting();
        usleep((useconds_t)atoi(setting("FAULT_WAIT")) * 1000);
        wrong = 0;
    }
    if (!wrong || how_is("after")) {
        result = real(fd);
        code = errno;
        if (result == 0) forget();
    }
    if (wrong) {
        result = -1;
        code = how_errno();
    }
    pthread_mutex_unlock(&lock);
    errno = code;
    return result;
}

static int opened(const char *symbol, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, symbol);
    if (!is_armed() || !is_meant(path)) return real(path, flags, mode);
    pthread_mutex_lock(&lock);
    int wrong = goes_wrong(CALL_OPEN);
    pthread_mutex_unlock(&lock);
    if (!wrong) return real(path, flags, mode);
    errno = how_errno();
    return -1;
}

static mode_t mode_of(int flags, va_list rest) {
    return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(rest, unsigned int) : 0;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return opened("open64", path, flags, mode);
}
