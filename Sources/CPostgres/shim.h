// The door to libpq, PostgreSQL's client library. Imported by Connectors and by nothing else.
#ifndef DAYBOOK_CPOSTGRES_SHIM_H
#define DAYBOOK_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

#endif
