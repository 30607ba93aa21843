// What every C peer shares: the protocol with the runner, the clock, and the files of values.
//
// A peer prints `ready` once it is set up. Then it reads one command a line from its standard input and answers each
// with one line: a number, or `error TEXT`. It ends when its input does, so that none outlives the runner.
#ifndef DAYBOOK_BENCH_PEER_H
#define DAYBOOK_BENCH_PEER_H
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("error ", stdout);
    vfprintf(stdout, format, arguments);
    fputc('\n', stdout);
    fflush(stdout);
    va_end(arguments);
    exit(1);
}

static inline double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline void answer(double value) {
    printf("%.6f\n", value);
    fflush(stdout);
}

static inline void ready(void) {
    puts("ready");
    fflush(stdout);
}

static inline long argument(int count, char **arguments, int index) {
    if (index >= count) die("argument %d is missing", index);
    return strtol(arguments[index], NULL, 10);
}

// SplitMix64, the same as the runner's: one small state, good enough to pick patients and instants.
static inline uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

struct value {
    uint32_t length;
    const unsigned char *bytes;
};

struct values {
    size_t count;
    struct value *items;
    uint64_t bytes;
};

static inline unsigned char *read_whole(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) die("%s: %s", path, strerror(errno));
    fseek(file, 0, SEEK_END);
    long length = ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(length > 0 ? (size_t)length : 1);
    if (!bytes || fread(bytes, 1, (size_t)length, file) != (size_t)length) die("%s: cannot read", path);
    fclose(file);
    *size = (size_t)length;
    return bytes;
}

// A file of values: u32 little-endian length, then the bytes, repeated.
static inline struct values read_values(const char *path) {
    size_t size = 0;
    const unsigned char *bytes = read_whole(path, &size);
    struct values all = {0, NULL, 0};
    size_t capacity = 0;
    for (size_t at = 0; at + 4 <= size;) {
        uint32_t length;
        memcpy(&length, bytes + at, 4);
        at += 4;
        if (length > size - at) die("%s: a value is cut short", path);
        if (all.count == capacity) {
            capacity = capacity ? capacity * 2 : 1024;
            all.items = realloc(all.items, capacity * sizeof *all.items);
            if (!all.items) die("out of memory");
        }
        all.items[all.count].length = length;
        all.items[all.count].bytes = bytes + at;
        all.count += 1;
        all.bytes += length;
        at += length;
    }
    if (all.count == 0) die("%s: holds no value", path);
    return all;
}

#endif
