// PostgreSQL taking events: many writers with one row each, or a bulk insert. `KIND` is the type of the body: text, jsonb
// or bytea.
//
//     pg_append SOCKETFOLDER VALUES KIND CONNECTIONS
//     single RECORDS                each connection inserts one row a transaction (prepared); answers rows a second
//     copy RECORDS PER_COMMIT       each connection copies PER_COMMIT rows a transaction (binary); answers rows a second
//     insert RECORDS PER_COMMIT     the same with one multi-row INSERT … SELECT FROM unnest
#include "pg.h"
#include <pthread.h>

enum way { SINGLE, COPY, INSERT };

struct writer {
    PGconn *connection;
    pthread_t thread;
    struct values *values;
    size_t first, records, per_commit;
    enum way way;
    int jsonb;
};

static void put_value(struct buffer *buffer, struct value value, int jsonb) {
    put32(buffer, value.length + (jsonb ? 1 : 0));
    if (jsonb) put_bytes(buffer, "\1", 1);
    put_bytes(buffer, value.bytes, value.length);
}

static void single(struct writer *writer) {
    for (size_t i = 0; i < writer->records; i++) {
        struct value value = writer->values->items[(writer->first + i) % writer->values->count];
        char subject[8] = {0}, *body = malloc(value.length + 1);
        uint64_t number = __builtin_bswap64((writer->first + i) % 1000);
        memcpy(subject, &number, 8);
        body[0] = 1;  // the version byte of binary jsonb
        memcpy(body + writer->jsonb, value.bytes, value.length);
        const char *parameters[2] = {subject, body};
        int lengths[2] = {8, (int)value.length + writer->jsonb}, formats[2] = {1, 1};
        PGresult *result = PQexecPrepared(writer->connection, "one", 2, parameters, lengths, formats, 1);
        PQclear(pg_check(writer->connection, result));
        free(body);
    }
}

static void copy(struct writer *writer, struct buffer *buffer, size_t from, size_t rows) {
    PGresult *result = PQexec(writer->connection, "COPY events(subject, body) FROM STDIN (FORMAT binary)");
    PQclear(pg_check(writer->connection, result));
    buffer->length = 0;
    put_copy_header(buffer);
    for (size_t i = 0; i < rows; i++) {
        put16(buffer, 2);
        put32(buffer, 8);
        put64(buffer, (from + i) % 1000);
        put_value(buffer, writer->values->items[(from + i) % writer->values->count], writer->jsonb);
    }
    put16(buffer, 0xffff);
    if (PQputCopyData(writer->connection, (char *)buffer->bytes, (int)buffer->length) != 1)
        die("copy: %s", PQerrorMessage(writer->connection));
    pg_copy_end(writer->connection);
}

static void put_array_header(struct buffer *buffer, uint32_t element, size_t rows) {
    put32(buffer, 1), put32(buffer, 0), put32(buffer, element), put32(buffer, (uint32_t)rows), put32(buffer, 1);
}

static void insert(struct writer *writer, struct buffer *buffer, size_t from, size_t rows, uint32_t element) {
    static _Thread_local struct buffer subjects;
    subjects.length = buffer->length = 0;
    put_array_header(&subjects, 20, rows);
    put_array_header(buffer, element, rows);
    for (size_t i = 0; i < rows; i++) {
        put32(&subjects, 8);
        put64(&subjects, (from + i) % 1000);
        put_value(buffer, writer->values->items[(from + i) % writer->values->count], writer->jsonb);
    }
    const char *parameters[2] = {(char *)subjects.bytes, (char *)buffer->bytes};
    int lengths[2] = {(int)subjects.length, (int)buffer->length}, formats[2] = {1, 1};
    PGresult *result = PQexecPrepared(writer->connection, "many", 2, parameters, lengths, formats, 1);
    PQclear(pg_check(writer->connection, result));
}

static uint32_t element_type;

static void *work(void *argument) {
    struct writer *writer = argument;
    struct buffer buffer = {0};
    if (writer->way == SINGLE) return single(writer), NULL;
    for (size_t done = 0; done < writer->records;) {
        size_t rows = writer->records - done < writer->per_commit ? writer->records - done : writer->per_commit;
        if (writer->way == COPY)
            copy(writer, &buffer, writer->first + done, rows);
        else
            insert(writer, &buffer, writer->first + done, rows, element_type);
        done += rows;
    }
    free(buffer.bytes);
    return NULL;
}

static void set_up(PGconn *connection, const char *kind) {
    char sql[256];
    pg_run(connection, "DROP TABLE IF EXISTS events");
    snprintf(sql, sizeof sql,
        "CREATE TABLE events (position bigserial PRIMARY KEY, recorded timestamptz NOT NULL DEFAULT now(), "
        "subject bigint NOT NULL, body %s NOT NULL)", kind);
    pg_run(connection, sql);
}

int main(int count, char **arguments) {
    if (count != 5) die("usage: pg_append SOCKETFOLDER VALUES KIND CONNECTIONS");
    struct values values = read_values(arguments[2]);
    const char *kind = arguments[3];
    int connections = (int)argument(count, arguments, 4);
    element_type = strcmp(kind, "jsonb") == 0 ? 3802 : strcmp(kind, "bytea") == 0 ? 17 : 25;
    struct writer *writers = calloc((size_t)connections, sizeof *writers);
    char sql[256];
    snprintf(sql, sizeof sql,
        "INSERT INTO events(subject, body) SELECT * FROM unnest($1::bigint[], $2::%s[])", kind);
    for (int i = 0; i < connections; i++) {
        writers[i].connection = pg_connect(arguments[1]);
        writers[i].values = &values;
        writers[i].jsonb = element_type == 3802;
        if (i == 0) set_up(writers[0].connection, kind);
        pg_prepare(writers[i].connection, "one",
            "INSERT INTO events(subject, body) VALUES ($1, $2) RETURNING position");
        pg_prepare(writers[i].connection, "many", sql);
    }
    ready();

    char line[256], way[16];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long records, per_commit = 1;
        if (sscanf(line, "%15s %lu %lu", way, &records, &per_commit) < 2 || per_commit == 0) die("what? %s", line);
        size_t share = records / (size_t)connections;
        double start = seconds();
        for (int i = 0; i < connections; i++) {
            writers[i].way = way[0] == 's' ? SINGLE : way[0] == 'c' ? COPY : INSERT;
            writers[i].first = (size_t)i * share;
            writers[i].records = share;
            writers[i].per_commit = per_commit;
            pthread_create(&writers[i].thread, NULL, work, &writers[i]);
        }
        for (int i = 0; i < connections; i++) pthread_join(writers[i].thread, NULL);
        answer((double)(share * (size_t)connections) / (seconds() - start));
    }
    return 0;
}
