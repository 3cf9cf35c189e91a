// The door to LMDB: https://www.symas.com/lmdb. Imported by EventLog and by nothing else.
#ifndef DAYBOOK_CLMDB_SHIM_H
#define DAYBOOK_CLMDB_SHIM_H

#include <lmdb.h>

#endif
