// libpq for the PostgreSQL peers. Everything goes over a Unix socket in the benchmark's own folder.
#ifndef DAYBOOK_BENCH_PG_H
#define DAYBOOK_BENCH_PG_H
#include "peer.h"
#include <libpq-fe.h>

static inline PGconn *pg_connect(const char *folder) {
    const char *names[] = {"host", "user", "dbname", NULL};
    const char *values[] = {folder, "bench", "postgres", NULL};
    PGconn *connection = PQconnectdbParams(names, values, 0);
    if (PQstatus(connection) != CONNECTION_OK) die("connect: %s", PQerrorMessage(connection));
    return connection;
}

static inline PGresult *pg_check(PGconn *connection, PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN
        && status != PGRES_PIPELINE_SYNC)
        die("PostgreSQL: %s", PQerrorMessage(connection));
    return result;
}

static inline void pg_run(PGconn *connection, const char *sql) {
    PQclear(pg_check(connection, PQexec(connection, sql)));
}

static inline void pg_prepare(PGconn *connection, const char *name, const char *sql) {
    PQclear(pg_check(connection, PQprepare(connection, name, sql, 0, NULL)));
}

static inline void pg_copy_end(PGconn *connection) {
    if (PQputCopyEnd(connection, NULL) != 1) die("copy: %s", PQerrorMessage(connection));
    PGresult *result;
    while ((result = PQgetResult(connection))) PQclear(pg_check(connection, result));
}

// What binary COPY and its values are made of.
struct buffer {
    unsigned char *bytes;
    size_t length, capacity;
};

static inline unsigned char *buffer_grow(struct buffer *buffer, size_t more) {
    if (buffer->length + more > buffer->capacity) {
        buffer->capacity = (buffer->length + more) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
        if (!buffer->bytes) die("out of memory");
    }
    unsigned char *at = buffer->bytes + buffer->length;
    buffer->length += more;
    return at;
}

static inline void put_bytes(struct buffer *buffer, const void *bytes, size_t length) {
    memcpy(buffer_grow(buffer, length), bytes, length);
}

static inline void put16(struct buffer *buffer, uint16_t value) {
    value = __builtin_bswap16(value);
    put_bytes(buffer, &value, 2);
}

static inline void put32(struct buffer *buffer, uint32_t value) {
    value = __builtin_bswap32(value);
    put_bytes(buffer, &value, 4);
}

static inline void put64(struct buffer *buffer, uint64_t value) {
    value = __builtin_bswap64(value);
    put_bytes(buffer, &value, 8);
}

static inline void put_copy_header(struct buffer *buffer) {
    put_bytes(buffer, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
}

#endif
