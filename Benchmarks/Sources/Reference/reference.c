#include "reference.h"

#include <lmdb.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int open_environment(const char *folder, unsigned flags, MDB_env **environment) {
    int code = mdb_env_create(environment);
    if (code) return code;
    mdb_env_set_mapsize(*environment, (size_t)64 << 30);
    return mdb_env_open(*environment, folder, flags, 0644);
}

static int append_batch(MDB_env *environment, uint64_t *position, size_t count, MDB_val value) {
    MDB_txn *transaction;
    MDB_dbi table;
    int code = mdb_txn_begin(environment, NULL, 0, &transaction);
    if (code) return code;
    code = mdb_dbi_open(transaction, NULL, MDB_INTEGERKEY, &table);
    for (size_t index = 0; !code && index < count; index++) {
        *position += 1;
        MDB_val key = {sizeof *position, position};
        code = mdb_put(transaction, table, &key, &value, MDB_APPEND);
    }
    if (code) {
        mdb_txn_abort(transaction);
        return code;
    }
    return mdb_txn_commit(transaction);
}

double reference_append(const char *folder, size_t batches, size_t count,
                        const void *record, size_t size) {
    MDB_env *environment = NULL;
    MDB_val value = {size, (void *)record};
    uint64_t position = 0;
    int code = open_environment(folder, 0, &environment);
    double start = now();
    for (size_t batch = 0; !code && batch < batches; batch++)
        code = append_batch(environment, &position, count, value);
    double seconds = now() - start;
    if (environment) mdb_env_close(environment);
    return code ? (code < 0 ? code : -code) : seconds;
}

static uint64_t words(MDB_val value) {
    uint64_t sum = 0, word;
    for (size_t offset = 0; offset + 8 <= value.mv_size; offset += 8) {
        memcpy(&word, (const char *)value.mv_data + offset, 8);
        sum += word;
    }
    return sum;
}

double reference_scan(const char *folder, uint64_t *sum) {
    MDB_env *environment = NULL;
    MDB_txn *transaction = NULL;
    MDB_cursor *cursor = NULL;
    MDB_dbi table;
    MDB_val key, value;
    *sum = 0;
    int code = open_environment(folder, MDB_RDONLY, &environment);
    double start = now();
    if (!code) code = mdb_txn_begin(environment, NULL, MDB_RDONLY, &transaction);
    if (!code) code = mdb_dbi_open(transaction, NULL, MDB_INTEGERKEY, &table);
    if (!code) code = mdb_cursor_open(transaction, table, &cursor);
    if (!code) {
        while (!(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) *sum += words(value);
        if (code == MDB_NOTFOUND) code = 0;
    }
    double seconds = now() - start;
    if (cursor) mdb_cursor_close(cursor);
    if (transaction) mdb_txn_abort(transaction);
    if (environment) mdb_env_close(environment);
    return code ? (code < 0 ? code : -code) : seconds;
}
