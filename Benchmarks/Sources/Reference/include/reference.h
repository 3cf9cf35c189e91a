#ifndef DAYBOOK_REFERENCE_H
#define DAYBOOK_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* What LMDB itself can do with the same bytes, without checks, indexes or threads. Both return
   seconds, or a negative LMDB error code; the folder must exist. */

/* Appends `batches` transactions of `count` records each, every one synced at its commit. */
double reference_append(const char *folder, size_t batches, size_t count,
                        const void *record, size_t size);

/* Reads every record once by a cursor and adds up all its words. */
double reference_scan(const char *folder, uint64_t *sum);

#endif
