#ifndef DAYBOOK_LMDB_REFERENCE_H
#define DAYBOOK_LMDB_REFERENCE_H

#include <stdint.h>

/// Appends `count` records of `size` bytes with MDB_APPEND, `batch` a commit, every commit synced.
/// Returns the seconds it took, or a negative LMDB error code.
double lmdb_reference_append(const char *folder, uint64_t count, uint64_t size, uint64_t batch);

/// Walks over all records with a cursor and adds up their bytes.
/// Returns the seconds it took, or a negative LMDB error code; `records` gets the number seen.
double lmdb_reference_scan(const char *folder, uint64_t *records);

#endif
