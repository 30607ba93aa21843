// SQLite in WAL mode with synchronous=FULL: one event a transaction, as a single writer, which is what suits it best.
//
//     sqlite_append FILE VALUES
//     round RECORDS PER_COMMIT    answers records a second
#include "peer.h"
#include <sqlite3.h>

static sqlite3 *database;

static void run(const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) die("%s: %s", sql, message);
}

static void step(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) die("%s", sqlite3_errmsg(database));
    sqlite3_reset(statement);
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) die("%s", sqlite3_errmsg(database));
    return statement;
}

int main(int count, char **arguments) {
    if (count != 3) die("usage: sqlite_append FILE VALUES");
    struct values values = read_values(arguments[2]);
    if (sqlite3_open(arguments[1], &database) != SQLITE_OK) die("%s", sqlite3_errmsg(database));
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE events (position INTEGER PRIMARY KEY, body BLOB NOT NULL)");
    sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
    sqlite3_stmt *insert = prepare("INSERT INTO events(body) VALUES (?1)");
    ready();

    uint64_t position = 0;
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long records, per_commit;
        if (sscanf(line, "round %lu %lu", &records, &per_commit) != 2 || per_commit == 0) die("what? %s", line);
        double start = seconds();
        for (unsigned long done = 0; done < records;) {
            step(begin);
            for (unsigned long i = 0; i < per_commit && done < records; i++, done++) {
                struct value value = values.items[position++ % values.count];
                sqlite3_bind_blob(insert, 1, value.bytes, (int)value.length, SQLITE_STATIC);
                step(insert);
            }
            step(commit);
        }
        answer((double)records / (seconds() - start));
    }
    return 0;
}
