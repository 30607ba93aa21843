// The plainest durable append there is: MDB_APPEND under ascending 8-byte keys, one thread, one commit every so many.
//
//     lmdb_append FOLDER VALUES
//     round RECORDS PER_COMMIT    puts RECORDS of the values in turn; answers records a second
#include "peer.h"
#include <lmdb.h>

static void check(int code, const char *what) {
    if (code != 0) die("%s: %s", what, mdb_strerror(code));
}

int main(int count, char **arguments) {
    if (count != 3) die("usage: lmdb_append FOLDER VALUES");
    struct values values = read_values(arguments[2]);
    MDB_env *environment;
    check(mdb_env_create(&environment), "mdb_env_create");
    check(mdb_env_set_mapsize(environment, (size_t)1 << 36), "mdb_env_set_mapsize");
    check(mdb_env_open(environment, arguments[1], 0, 0600), "mdb_env_open");
    MDB_dbi table;
    MDB_txn *transaction;
    check(mdb_txn_begin(environment, NULL, 0, &transaction), "mdb_txn_begin");
    check(mdb_dbi_open(transaction, NULL, 0, &table), "mdb_dbi_open");
    check(mdb_txn_commit(transaction), "mdb_txn_commit");
    ready();

    uint64_t position = 0;
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long records, per_commit;
        if (sscanf(line, "round %lu %lu", &records, &per_commit) != 2 || per_commit == 0) die("what? %s", line);
        double start = seconds();
        for (unsigned long done = 0; done < records;) {
            check(mdb_txn_begin(environment, NULL, 0, &transaction), "mdb_txn_begin");
            for (unsigned long i = 0; i < per_commit && done < records; i++, done++) {
                position += 1;
                uint64_t big_endian = __builtin_bswap64(position);
                struct value value = values.items[position % values.count];
                MDB_val key = {sizeof big_endian, &big_endian};
                MDB_val data = {value.length, (void *)value.bytes};
                check(mdb_put(transaction, table, &key, &data, MDB_APPEND), "mdb_put");
            }
            check(mdb_txn_commit(transaction), "mdb_txn_commit");
        }
        answer((double)records / (seconds() - start));
    }
    mdb_env_close(environment);
    return 0;
}
