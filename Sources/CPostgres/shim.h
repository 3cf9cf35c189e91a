// The door to libpq, PostgreSQL's client library. Imported by Connectors and by nothing else.
// What is a macro or a variadic function there has a wrapper here.
#ifndef DAYBOOK_CPOSTGRES_SHIM_H
#define DAYBOOK_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

static inline const char *daybook_pg_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *daybook_pg_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

static inline const char *daybook_pg_detail(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
}

static inline const char *daybook_pg_hint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
}

static void daybook_pg_drop_notice(void *context, const char *message) {
    (void)context;
    (void)message;
}

// Notices would go to stderr otherwise.
static inline void daybook_pg_drop_notices(PGconn *connection) {
    PQsetNoticeProcessor(connection, daybook_pg_drop_notice, 0);
}

#endif
