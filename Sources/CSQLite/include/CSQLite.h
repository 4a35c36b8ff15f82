#ifndef CISPEC_CSQLITE_H
#define CISPEC_CSQLITE_H

#include <sqlite3.h>

// SQLite, opened when the first state file is: most commands keep no state. Each function below stands for the one that
// it is named after.

// Opens the library, once for the whole process and from any thread. NULL when that worked, else why not.
const char *cispec_sqlite_open_library(void);

// What follows may only be called after cispec_sqlite_open_library has returned NULL.

int cispec_sqlite_open(const char *path, sqlite3 **database, int flags);
int cispec_sqlite_close(sqlite3 *database);
int cispec_sqlite_extended_errcode(sqlite3 *database);
const char *cispec_sqlite_errmsg(sqlite3 *database);
int cispec_sqlite_exec(sqlite3 *database, const char *statement);
int cispec_sqlite_prepare(sqlite3 *database, const char *text, sqlite3_stmt **statement);
int cispec_sqlite_step(sqlite3_stmt *statement);
int cispec_sqlite_reset(sqlite3_stmt *statement);
int cispec_sqlite_finalize(sqlite3_stmt *statement);
int cispec_sqlite_bind_null(sqlite3_stmt *statement, int index);
int cispec_sqlite_bind_int64(sqlite3_stmt *statement, int index, sqlite3_int64 value);
int cispec_sqlite_bind_double(sqlite3_stmt *statement, int index, double value);
// The text is copied.
int cispec_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int size);
int cispec_sqlite_column_count(sqlite3_stmt *statement);
int cispec_sqlite_column_type(sqlite3_stmt *statement, int column);
sqlite3_int64 cispec_sqlite_column_int64(sqlite3_stmt *statement, int column);
double cispec_sqlite_column_double(sqlite3_stmt *statement, int column);
// The text belongs to the statement and is gone after its next step. The size is in bytes.
const unsigned char *cispec_sqlite_column_text(sqlite3_stmt *statement, int column);
int cispec_sqlite_column_bytes(sqlite3_stmt *statement, int column);

#endif
