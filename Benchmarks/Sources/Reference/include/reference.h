#ifndef DAYBOOK_REFERENCE_H
#define DAYBOOK_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* What LMDB and a plain file themselves can do with the same bytes, without checks, indexes or
   threads. The appenders return seconds, or a negative error code; the folder must exist. Records are
   cut out of `pool`, at offsets that differ from one to the next, so that no page repeats another. */

/* Appends `batches` transactions of `count` records each to LMDB, every one synced at its commit. */
double reference_append(const char *folder, size_t batches, size_t count,
                        const void *pool, size_t pool_size, size_t size);

/* Writes `batches` groups of `count` records each to one file, one write and one fdatasync a group. */
double reference_write(const char *path, size_t batches, size_t count,
                       const void *pool, size_t pool_size, size_t size);

/* Reads every record once by a cursor and adds up all its words. */
double reference_scan(const char *folder, uint64_t *sum);

#endif
