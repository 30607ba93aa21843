// PostgreSQL answering "this patient's resources as they were at T": one row a version, a prepared DISTINCT ON, the best
// index; the bodies are put together into one array in the client's memory, as Daybook does in its own.
//
//     pg_asof SOCKETFOLDER VERSIONS KIND
//     round QUERIES SEED    answers views a second
//
// VERSIONS is a file of u32 patient, u32 resource, u64 instant in microseconds, u32 length, body (little-endian).
#include "pg.h"

struct span {
    uint64_t first, last;
};

static struct span *spans;
static uint32_t patients;

static void note_span(uint32_t patient, uint64_t instant) {
    if (patient >= patients) {
        spans = realloc(spans, (patient + 1) * sizeof *spans);
        for (uint32_t i = patients; i <= patient; i++) spans[i] = (struct span){UINT64_MAX, 0};
        patients = patient + 1;
    }
    if (instant < spans[patient].first) spans[patient].first = instant;
    if (instant > spans[patient].last) spans[patient].last = instant;
}

static void flush(PGconn *connection, struct buffer *buffer) {
    if (buffer->length == 0) return;
    if (PQputCopyData(connection, (char *)buffer->bytes, (int)buffer->length) != 1)
        die("copy: %s", PQerrorMessage(connection));
    buffer->length = 0;
}

static void load(PGconn *connection, const char *path, const char *kind) {
    char sql[256];
    pg_run(connection, "DROP TABLE IF EXISTS versions");
    snprintf(sql, sizeof sql,
        "CREATE TABLE versions (patient int NOT NULL, resource int NOT NULL, recorded bigint NOT NULL, body %s NOT NULL)",
        kind);
    pg_run(connection, sql);
    PQclear(pg_check(connection, PQexec(connection, "COPY versions FROM STDIN (FORMAT binary)")));
    FILE *file = fopen(path, "rb");
    if (!file) die("%s: %s", path, strerror(errno));
    struct buffer buffer = {0};
    put_copy_header(&buffer);
    int jsonb = strcmp(kind, "jsonb") == 0;
    unsigned char head[20];
    while (fread(head, 1, sizeof head, file) == sizeof head) {
        uint32_t patient, resource, length;
        uint64_t instant;
        memcpy(&patient, head, 4), memcpy(&resource, head + 4, 4), memcpy(&instant, head + 8, 8), memcpy(&length, head + 16, 4);
        note_span(patient, instant);
        put16(&buffer, 4);
        put32(&buffer, 4), put32(&buffer, patient);
        put32(&buffer, 4), put32(&buffer, resource);
        put32(&buffer, 8), put64(&buffer, instant);
        put32(&buffer, length + (jsonb ? 1 : 0));
        if (jsonb) put_bytes(&buffer, "\1", 1);
        if (fread(buffer_grow(&buffer, length), 1, length, file) != length) die("%s: cut short", path);
        if (buffer.length > 1 << 20) flush(connection, &buffer);
    }
    fclose(file);
    put16(&buffer, 0xffff);
    flush(connection, &buffer);
    pg_copy_end(connection);
    free(buffer.bytes);
    pg_run(connection, "CREATE INDEX versions_asof ON versions (patient, resource, recorded DESC)");
    pg_run(connection, "VACUUM ANALYZE versions");
}

int main(int count, char **arguments) {
    if (count != 4) die("usage: pg_asof SOCKETFOLDER VERSIONS KIND");
    PGconn *connection = pg_connect(arguments[1]);
    pg_run(connection, "SET client_min_messages = warning");
    load(connection, arguments[2], arguments[3]);
    pg_prepare(connection, "asof",
        "SELECT DISTINCT ON (resource) body FROM versions WHERE patient = $1 AND recorded <= $2 "
        "ORDER BY resource, recorded DESC");
    ready();

    struct buffer body = {0};
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long queries;
        unsigned long long seed;
        if (sscanf(line, "round %lu %llu", &queries, &seed) != 2) die("what? %s", line);
        uint64_t state = seed, shown = 0;
        double start = seconds();
        for (unsigned long i = 0; i < queries; i++) {
            uint32_t patient = (uint32_t)(next_random(&state) % patients);
            struct span span = spans[patient];
            uint64_t instant = span.first + next_random(&state) % (span.last - span.first + 1);
            uint32_t patient_sent = __builtin_bswap32(patient);
            uint64_t instant_sent = __builtin_bswap64(instant);
            const char *parameters[2] = {(char *)&patient_sent, (char *)&instant_sent};
            int lengths[2] = {4, 8}, formats[2] = {1, 1};
            PGresult *result = pg_check(connection,
                PQexecPrepared(connection, "asof", 2, parameters, lengths, formats, 1));
            body.length = 0;
            put_bytes(&body, "[", 1);
            int rows = PQntuples(result), jsonb = arguments[3][0] == 'j';
            for (int row = 0; row < rows; row++) {
                if (row > 0) put_bytes(&body, ",", 1);
                put_bytes(&body, PQgetvalue(result, row, 0) + jsonb, (size_t)PQgetlength(result, row, 0) - (size_t)jsonb);
            }
            put_bytes(&body, "]", 1);
            shown += (uint64_t)body.length;
            PQclear(result);
        }
        double spent = seconds() - start;
        if (shown == 0) die("nothing was read");
        if (getenv("BENCH_VERBOSE")) fprintf(stderr, "pg_asof %s: %.0f bytes a view\n", arguments[3], (double)shown / (double)queries);
        answer((double)queries / spent);
    }
    return 0;
}
