#include "lmdb_reference.h"

#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int open_environment(const char *folder, MDB_env **environment) {
    int code = mdb_env_create(environment);
    if (code) return code;
    code = mdb_env_set_mapsize(*environment, (size_t)64 << 30);
    if (code) return code;
    code = mdb_env_set_maxdbs(*environment, 4);
    if (code) return code;
    return mdb_env_open(*environment, folder, MDB_NOTLS, 0600);
}

double lmdb_reference_append(const char *folder, uint64_t count, uint64_t size, uint64_t batch) {
    MDB_env *environment;
    int code = open_environment(folder, &environment);
    if (code) return -(double)abs(code);
    unsigned char *bytes = malloc(size);
    // Bytes that do not compress or repeat, made by a xorshift generator.
    uint64_t state = 88172645463325252ULL;
    for (uint64_t i = 0; i < size; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[i] = (unsigned char)state;
    }
    double start = seconds_now();
    uint64_t position = 1;
    while (position <= count && !code) {
        MDB_txn *transaction;
        MDB_dbi table;
        code = mdb_txn_begin(environment, NULL, 0, &transaction);
        if (code) break;
        code = mdb_dbi_open(transaction, "events", MDB_CREATE | MDB_INTEGERKEY, &table);
        for (uint64_t i = 0; i < batch && position <= count && !code; i++, position++) {
            size_t number = position;
            MDB_val key = {sizeof number, &number};
            MDB_val value = {size, bytes};
            code = mdb_put(transaction, table, &key, &value, MDB_APPEND);
        }
        if (code) mdb_txn_abort(transaction);
        else code = mdb_txn_commit(transaction);
    }
    double elapsed = seconds_now() - start;
    free(bytes);
    mdb_env_close(environment);
    return code ? -(double)abs(code) : elapsed;
}

double lmdb_reference_scan(const char *folder, uint64_t *records) {
    MDB_env *environment;
    int code = open_environment(folder, &environment);
    if (code) return -(double)abs(code);
    MDB_txn *transaction;
    MDB_dbi table;
    MDB_cursor *cursor;
    volatile uint64_t sum = 0;
    *records = 0;
    double start = seconds_now();
    code = mdb_txn_begin(environment, NULL, MDB_RDONLY, &transaction);
    if (!code) code = mdb_dbi_open(transaction, "events", MDB_INTEGERKEY, &table);
    if (!code) code = mdb_cursor_open(transaction, table, &cursor);
    if (!code) {
        MDB_val key, value;
        while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
            sum += ((unsigned char *)value.mv_data)[0];
            *records += 1;
        }
        mdb_cursor_close(cursor);
        mdb_txn_abort(transaction);
    }
    double elapsed = seconds_now() - start;
    mdb_env_close(environment);
    return code ? -(double)abs(code) : elapsed;
}
