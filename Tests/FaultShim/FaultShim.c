#define _GNU_SOURCE
#include "FaultShim.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 4096
#define CALL_KINDS 17
#define MAPS_MAX 64
#define MAP_BYTES_MAX 65536

static char folder[PATH_MAX];
static size_t folder_length;
static atomic_bool is_watching;
// The path of each open file below the folder; never freed, a run is short.
static _Atomic(const char *) paths[DESCRIPTORS_MAX];
static atomic_bool is_synchronous[DESCRIPTORS_MAX];
static atomic_ullong counts[CALL_KINDS];

static atomic_uint armed_mask;
static uint64_t armed_nth;
static int armed_action, armed_error;
static bool armed_lasting;
static atomic_ullong matched, struck;

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

void fault_watch(const char *path) {
    strncpy(folder, path, sizeof folder - 1);
    folder_length = strlen(folder);
    atomic_store(&is_watching, true);
}

void fault_arm(uint32_t mask, uint64_t nth, int action, int error, bool lasting) {
    atomic_store(&armed_mask, 0);
    armed_nth = nth;
    armed_action = action;
    armed_error = error;
    armed_lasting = lasting;
    atomic_store(&matched, 0);
    atomic_store(&struck, 0);
    atomic_store(&armed_mask, mask);
}

void fault_disarm(void) { atomic_store(&armed_mask, 0); }
uint64_t fault_matched(void) { return atomic_load(&matched); }
uint64_t fault_struck(void) { return atomic_load(&struck); }

uint64_t fault_count(uint32_t call) {
    return call ? atomic_load(&counts[__builtin_ctz(call)]) : 0;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// Counts a call and says what is to become of it; 0 if nothing.
static int begin(uint32_t call) {
    atomic_fetch_add(&counts[__builtin_ctz(call)], 1);
    if (!(atomic_load(&armed_mask) & call)) return 0;
    uint64_t number = atomic_fetch_add(&matched, 1) + 1;
    if (number != armed_nth && !(armed_lasting && number > armed_nth)) return 0;
    atomic_fetch_add(&struck, 1);
    if (armed_action == FAULT_KILL) die();
    if (armed_action == FAULT_ERROR) errno = armed_error;
    return armed_action;
}

static bool is_below(const char *path) {
    return atomic_load(&is_watching) && path && strncmp(path, folder, folder_length) == 0
        && (path[folder_length] == '/' || path[folder_length] == 0);
}

static const char *path_of(int descriptor) {
    if (!atomic_load(&is_watching) || descriptor < 0 || descriptor >= DESCRIPTORS_MAX) return NULL;
    return atomic_load(&paths[descriptor]);
}

// MARK: The record
//
// Each entry: kind (4 bytes), length of the path (4), offset (8), length of the data (8), all
// little-endian; the path from the folder on; the data.

enum kind {
    KIND_WRITE = 1,
    KIND_SYNC = 2,
    KIND_CREATE = 3,
    KIND_RENAME = 4,
    KIND_UNLINK = 5,
    KIND_TRUNCATE = 6,
    KIND_ALLOCATE = 7,
    KIND_NOTE = 8,
    KIND_MAPPED = 9,
    KIND_FOLDER = 10,
    KIND_DURABLE_WRITE = 11,
};

static int recorder = -1;
static pthread_mutex_t order = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static struct map {
    const char *path;
    char *start;
    size_t length;
    uint64_t offset;
    char *last;
} maps[MAPS_MAX];

static void put(const void *bytes, size_t length) {
    static ssize_t (*next)(int, const void *, size_t);
    if (!next) next = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    const char *from = bytes;
    while (length > 0) {
        ssize_t done = next(recorder, from, length);
        if (done <= 0) abort();
        from += done;
        length -= (size_t)done;
    }
}

static void record(uint32_t kind, const char *path, uint64_t offset, const void *data, uint64_t length) {
    if (recorder < 0) return;
    const char *rest = path + folder_length;
    uint32_t words[2] = {kind, (uint32_t)strlen(rest)};
    uint64_t numbers[2] = {offset, length};
    put(words, sizeof words);
    put(numbers, sizeof numbers);
    put(rest, words[1]);
    put(data, length);
}

// What was stored through maps since the last look.
static void record_maps(void) {
    for (int i = 0; i < MAPS_MAX; i++) {
        struct map *map = &maps[i];
        if (!map->path || memcmp(map->start, map->last, map->length) == 0) continue;
        memcpy(map->last, map->start, map->length);
        record(KIND_MAPPED, map->path, map->offset, map->last, map->length);
    }
}

// While something is recorded, calls that change files go one after the other.
static void enter(void) {
    if (recorder < 0) return;
    pthread_mutex_lock(&order);
    record_maps();
}

static void leave(void) {
    if (recorder < 0) return;
    int code = errno;
    pthread_mutex_unlock(&order);
    errno = code;
}

void fault_record(int descriptor) { recorder = descriptor; }

void fault_note(const void *bytes, uint64_t length) {
    if (recorder < 0) return;
    enter();
    record(KIND_NOTE, folder, 0, bytes, length);
    leave();
}

// MARK: Writing

static size_t part(size_t length) {
    // Half, on no boundary of a sector, and never everything.
    size_t half = length / 2;
    return half > 1 ? half | 1 : half;
}

static void wrote(int descriptor, const char *path, uint64_t offset, const void *data, ssize_t count) {
    if (count <= 0 || recorder < 0) return;
    bool isDurable = atomic_load(&is_synchronous[descriptor]);
    record(isDurable ? KIND_DURABLE_WRITE : KIND_WRITE, path, offset, data, (uint64_t)count);
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    NEXT(pwrite);
    const char *path = path_of(descriptor);
    if (!path) return next(descriptor, data, length, offset);
    int action = begin(FAULT_PWRITE);
    if (action == FAULT_ERROR) return -1;
    if (action == FAULT_TEAR || action == FAULT_SHORT) length = part(length);
    enter();
    ssize_t count = next(descriptor, data, length, offset);
    wrote(descriptor, path, (uint64_t)offset, data, count);
    leave();
    if (action == FAULT_TEAR) die();
    return count;
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
    return pwrite(descriptor, data, length, offset);
}

ssize_t write(int descriptor, const void *data, size_t length) {
    NEXT(write);
    const char *path = path_of(descriptor);
    if (!path) return next(descriptor, data, length);
    int action = begin(FAULT_WRITE);
    if (action == FAULT_ERROR) return -1;
    if (action == FAULT_TEAR || action == FAULT_SHORT) length = part(length);
    enter();
    ssize_t count = next(descriptor, data, length);
    off_t end = lseek(descriptor, 0, SEEK_CUR);
    wrote(descriptor, path, (uint64_t)(end - (count > 0 ? count : 0)), data, count);
    leave();
    if (action == FAULT_TEAR) die();
    return count;
}

// Several pieces as one, so that there is one way to cut and to record them.
static char *joined(const struct iovec *pieces, int count, size_t *length) {
    size_t total = 0;
    for (int i = 0; i < count; i++) total += pieces[i].iov_len;
    char *all = malloc(total ? total : 1);
    if (!all) abort();
    size_t filled = 0;
    for (int i = 0; i < count; i++) {
        memcpy(all + filled, pieces[i].iov_base, pieces[i].iov_len);
        filled += pieces[i].iov_len;
    }
    *length = total;
    return all;
}

static ssize_t write_pieces(
    int descriptor, const struct iovec *pieces, int count, off_t offset, bool isPlaced, const char *path
) {
    static ssize_t (*placed)(int, const void *, size_t, off_t);
    static ssize_t (*plain)(int, const void *, size_t);
    if (!placed) placed = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    if (!plain) plain = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    int action = begin(isPlaced ? FAULT_PWRITEV : FAULT_WRITEV);
    if (action == FAULT_ERROR) return -1;
    size_t length;
    char *all = joined(pieces, count, &length);
    if (action == FAULT_TEAR || action == FAULT_SHORT) length = part(length);
    enter();
    if (!isPlaced) offset = lseek(descriptor, 0, SEEK_CUR);
    ssize_t done =
        isPlaced ? placed(descriptor, all, length, offset) : plain(descriptor, all, length);
    wrote(descriptor, path, (uint64_t)offset, all, done);
    leave();
    if (action == FAULT_TEAR) die();
    int code = errno;
    free(all);
    errno = code;
    return done;
}

ssize_t pwritev(int descriptor, const struct iovec *pieces, int count, off_t offset) {
    NEXT(pwritev);
    const char *path = path_of(descriptor);
    if (!path) return next(descriptor, pieces, count, offset);
    return write_pieces(descriptor, pieces, count, offset, true, path);
}

ssize_t pwritev64(int descriptor, const struct iovec *pieces, int count, off64_t offset) {
    return pwritev(descriptor, pieces, count, offset);
}

ssize_t writev(int descriptor, const struct iovec *pieces, int count) {
    NEXT(writev);
    const char *path = path_of(descriptor);
    if (!path) return next(descriptor, pieces, count);
    return write_pieces(descriptor, pieces, count, 0, false, path);
}

// MARK: Synchronising, sizes

#define PLAIN_CALL(name, call, kind, offset, forward) \
    NEXT(name); \
    const char *path = path_of(descriptor); \
    if (!path) return next forward; \
    int action = begin(call); \
    if (action == FAULT_ERROR) return -1; \
    enter(); \
    int code = next forward; \
    if (code == 0) record(kind, path, (uint64_t)(offset), NULL, 0); \
    leave(); \
    if (action == FAULT_TEAR) die(); \
    return code

int fdatasync(int descriptor) {
    PLAIN_CALL(fdatasync, FAULT_FDATASYNC, KIND_SYNC, 0, (descriptor));
}

int fsync(int descriptor) {
    PLAIN_CALL(fsync, FAULT_FSYNC, KIND_SYNC, 0, (descriptor));
}

int ftruncate(int descriptor, off_t length) {
    PLAIN_CALL(ftruncate, FAULT_FTRUNCATE, KIND_TRUNCATE, length, (descriptor, length));
}

int ftruncate64(int descriptor, off64_t length) { return ftruncate(descriptor, length); }

static int allocate(int descriptor, int mode, off_t offset, off_t length, bool isPosix) {
    static int (*linux_one)(int, int, off_t, off_t);
    static int (*posix_one)(int, off_t, off_t);
    if (!linux_one) linux_one = (int (*)(int, int, off_t, off_t))dlsym(RTLD_NEXT, "fallocate");
    if (!posix_one) posix_one = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, "posix_fallocate");
    const char *path = path_of(descriptor);
    int action = path ? begin(FAULT_FALLOCATE) : 0;
    if (action == FAULT_ERROR) return isPosix ? armed_error : -1;
    if (path) enter();
    int code =
        isPosix ? posix_one(descriptor, offset, length) : linux_one(descriptor, mode, offset, length);
    if (path && code == 0) record(KIND_ALLOCATE, path, (uint64_t)(offset + length), NULL, 0);
    if (path) leave();
    if (action == FAULT_TEAR) die();
    return code;
}

int posix_fallocate(int descriptor, off_t offset, off_t length) {
    return allocate(descriptor, 0, offset, length, true);
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t length) {
    return allocate(descriptor, 0, offset, length, true);
}
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    return allocate(descriptor, mode, offset, length, false);
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
    return allocate(descriptor, mode, offset, length, false);
}

// MARK: Opening, names

static int opened(int descriptor, const char *path, int flags, bool isNew) {
    if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX) {
        atomic_store(&is_synchronous[descriptor], (flags & O_DSYNC) != 0);
        atomic_store(&paths[descriptor], strdup(path));
    }
    if (descriptor < 0) return descriptor;
    if (isNew) record(KIND_CREATE, path, 0, NULL, 0);
    else if (flags & O_TRUNC) record(KIND_TRUNCATE, path, 0, NULL, 0);
    return descriptor;
}

static int open_at(int base, const char *path, int flags, mode_t mode) {
    static int (*next)(int, const char *, int, ...);
    if (!next) next = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
    const char *above = path && path[0] != '/' ? path_of(base) : NULL;
    char whole[PATH_MAX];
    if (above) {
        strcpy(whole, above);
        strcat(whole, "/");
        strncat(whole, path, sizeof whole - strlen(whole) - 1);
    }
    const char *named = above ? whole : path;
    if (!is_below(named)) return next(base, path, flags, mode);
    int action = begin(FAULT_OPEN);
    if (action == FAULT_ERROR) return -1;
    enter();
    bool isNew = (flags & O_CREAT) && access(named, F_OK) != 0;
    int descriptor = opened(next(base, path, flags, mode), named, flags, isNew);
    leave();
    if (action == FAULT_TEAR) die();
    return descriptor;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE(flags)
    return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int base, const char *path, int flags, ...) {
    MODE(flags)
    return open_at(base, path, flags, mode);
}
int openat64(int base, const char *path, int flags, ...) {
    MODE(flags)
    return open_at(base, path, flags, mode);
}

int close(int descriptor) {
    NEXT(close);
    if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX) {
        atomic_store(&paths[descriptor], (const char *)NULL);
    }
    return next(descriptor);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    if (!is_below(from) && !is_below(to)) return next(from, to);
    int action = begin(FAULT_RENAME);
    if (action == FAULT_ERROR) return -1;
    enter();
    int code = next(from, to);
    if (code == 0 && is_below(from) && is_below(to)) {
        record(KIND_RENAME, from, 0, to + folder_length, strlen(to + folder_length));
    }
    leave();
    if (action == FAULT_TEAR) die();
    return code;
}

#define NAME_CALL(name, call, kind, forward) \
    NEXT(name); \
    if (!is_below(path)) return next forward; \
    int action = begin(call); \
    if (action == FAULT_ERROR) return -1; \
    enter(); \
    int code = next forward; \
    if (code == 0) record(kind, path, 0, NULL, 0); \
    leave(); \
    if (action == FAULT_TEAR) die(); \
    return code

int unlink(const char *path) {
    NAME_CALL(unlink, FAULT_UNLINK, KIND_UNLINK, (path));
}

int mkdir(const char *path, mode_t mode) {
    NAME_CALL(mkdir, FAULT_MKDIR, KIND_FOLDER, (path, mode));
}

// MARK: Reading, mapping, locking

ssize_t read(int descriptor, void *data, size_t length) {
    NEXT(read);
    if (path_of(descriptor) && begin(FAULT_READ) == FAULT_ERROR) return -1;
    return next(descriptor, data, length);
}

ssize_t pread(int descriptor, void *data, size_t length, off_t offset) {
    NEXT(pread);
    if (path_of(descriptor) && begin(FAULT_PREAD) == FAULT_ERROR) return -1;
    return next(descriptor, data, length, offset);
}

ssize_t pread64(int descriptor, void *data, size_t length, off64_t offset) {
    return pread(descriptor, data, length, offset);
}

int flock(int descriptor, int operation) {
    NEXT(flock);
    if (path_of(descriptor) && begin(FAULT_FLOCK) == FAULT_ERROR) return -1;
    return next(descriptor, operation);
}

static bool is_lock_table(const char *path) {
    size_t length = strlen(path);
    return length >= 8 && strcmp(path + length - 8, "lock.mdb") == 0;
}

static void keep_map(const char *path, void *start, size_t length, off_t offset) {
    if (recorder < 0 || start == MAP_FAILED || length > MAP_BYTES_MAX || is_lock_table(path)) return;
    for (int i = 0; i < MAPS_MAX; i++) {
        if (maps[i].path) continue;
        char *last = malloc(length);
        if (!last) abort();
        memcpy(last, start, length);
        maps[i] = (struct map){path, start, length, (uint64_t)offset, last};
        return;
    }
    abort();
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    NEXT(mmap);
    const char *path = flags & MAP_ANONYMOUS ? NULL : path_of(descriptor);
    if (!path) return next(address, length, protection, flags, descriptor, offset);
    if (begin(FAULT_MMAP) == FAULT_ERROR) return MAP_FAILED;
    enter();
    void *start = next(address, length, protection, flags, descriptor, offset);
    if ((protection & PROT_WRITE) && (flags & MAP_SHARED)) keep_map(path, start, length, offset);
    leave();
    return start;
}

void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off64_t offset) {
    return mmap(address, length, protection, flags, descriptor, offset);
}

int munmap(void *address, size_t length) {
    NEXT(munmap);
    if (recorder >= 0) {
        enter();
        for (int i = 0; i < MAPS_MAX; i++) {
            if (maps[i].path && maps[i].start == address) maps[i].path = NULL;
        }
        leave();
    }
    return next(address, length);
}

int msync(void *address, size_t length, int flags) {
    NEXT(msync);
    if (!atomic_load(&is_watching)) return next(address, length, flags);
    int action = begin(FAULT_MSYNC);
    if (action == FAULT_ERROR) return -1;
    enter();
    int code = next(address, length, flags);
    for (int i = 0; i < MAPS_MAX; i++) {
        if (code != 0 || !maps[i].path || maps[i].start != address) continue;
        record(KIND_SYNC, maps[i].path, 0, NULL, 0);
    }
    leave();
    return code;
}
