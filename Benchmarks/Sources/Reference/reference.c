#include "reference.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

/* The bytes of the record at a position. */
static const char *record(const void *pool, size_t pool_size, size_t size, uint64_t position) {
    return (const char *)pool + position * 37 % (pool_size - size);
}

static int append_batch(MDB_env *environment, uint64_t *position, size_t count,
                        const void *pool, size_t pool_size, size_t size) {
    MDB_txn *transaction;
    MDB_dbi table;
    int code = mdb_txn_begin(environment, NULL, 0, &transaction);
    if (code) return code;
    code = mdb_dbi_open(transaction, NULL, MDB_INTEGERKEY, &table);
    for (size_t index = 0; !code && index < count; index++) {
        *position += 1;
        MDB_val key = {sizeof *position, position};
        MDB_val value = {size, (void *)record(pool, pool_size, size, *position)};
        code = mdb_put(transaction, table, &key, &value, MDB_APPEND);
    }
    if (code) {
        mdb_txn_abort(transaction);
        return code;
    }
    return mdb_txn_commit(transaction);
}

static double answer(int code, double seconds) {
    return code ? (code < 0 ? code : -code) : seconds;
}

double reference_append(const char *folder, size_t batches, size_t count,
                        const void *pool, size_t pool_size, size_t size) {
    MDB_env *environment = NULL;
    uint64_t position = 0;
    int code = open_environment(folder, 0, &environment);
    double start = now();
    for (size_t batch = 0; !code && batch < batches; batch++)
        code = append_batch(environment, &position, count, pool, pool_size, size);
    double seconds = now() - start;
    if (environment) mdb_env_close(environment);
    return answer(code, seconds);
}

static int write_all(int file, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return errno ? errno : EIO;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

double reference_write(const char *path, size_t batches, size_t count,
                       const void *pool, size_t pool_size, size_t size) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    char *group = malloc(count * size);
    if (file < 0 || !group) return -errno;
    uint64_t position = 0;
    int code = 0;
    double start = now();
    for (size_t batch = 0; !code && batch < batches; batch++) {
        for (size_t index = 0; index < count; index++)
            memcpy(group + index * size, record(pool, pool_size, size, ++position), size);
        code = write_all(file, group, count * size);
        if (!code && fdatasync(file)) code = errno;
    }
    double seconds = now() - start;
    close(file);
    free(group);
    return answer(code, seconds);
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
    return answer(code, seconds);
}
