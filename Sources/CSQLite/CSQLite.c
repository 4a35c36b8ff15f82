#include "CSQLite.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

#ifdef __APPLE__
static const char *const libraryName = "libsqlite3.dylib";
#else
static const char *const libraryName = "libsqlite3.so.0";
#endif

#define FUNCTIONS(each) \
  each(open_v2) each(close_v2) each(extended_errcode) each(errmsg) each(exec) each(prepare_v2) each(step) each(reset) \
  each(finalize) each(bind_null) each(bind_int64) each(bind_double) each(bind_text) each(column_count) \
  each(column_type) each(column_int64) each(column_double) each(column_text) each(column_bytes)

#define MEMBER(name) __typeof__(&sqlite3_##name) name;
static struct {
  FUNCTIONS(MEMBER)
} sqlite;

#define ENTRY(name) {"sqlite3_" #name, offsetof(__typeof__(sqlite), name)},
// The functions of the table by their names in the library.
static const struct {
  const char *name;
  size_t offset;
} functions[] = {FUNCTIONS(ENTRY)};

static const char *failure;
static pthread_once_t opened = PTHREAD_ONCE_INIT;

static void openLibrary(void) {
  // Never closed: the library stays for as long as the process.
  void *library = dlopen(libraryName, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    failure = reason ? reason : "libsqlite3 cannot be opened";
    return;
  }
  for (size_t index = 0; index < sizeof functions / sizeof functions[0]; index++) {
    void *function = dlsym(library, functions[index].name);
    if (!function) {
      failure = "this libsqlite3 lacks a function that every version 3 has";
      return;
    }
    *(void **)((char *)&sqlite + functions[index].offset) = function;
  }
}

const char *cispec_sqlite_open_library(void) {
  pthread_once(&opened, openLibrary);
  return failure;
}

int cispec_sqlite_open(const char *path, sqlite3 **database, int flags) {
  return sqlite.open_v2(path, database, flags, NULL);
}
int cispec_sqlite_close(sqlite3 *database) { return sqlite.close_v2(database); }
int cispec_sqlite_extended_errcode(sqlite3 *database) { return sqlite.extended_errcode(database); }
const char *cispec_sqlite_errmsg(sqlite3 *database) { return sqlite.errmsg(database); }
int cispec_sqlite_exec(sqlite3 *database, const char *statement) {
  return sqlite.exec(database, statement, NULL, NULL, NULL);
}
int cispec_sqlite_prepare(sqlite3 *database, const char *text, sqlite3_stmt **statement) {
  return sqlite.prepare_v2(database, text, -1, statement, NULL);
}
int cispec_sqlite_step(sqlite3_stmt *statement) { return sqlite.step(statement); }
int cispec_sqlite_reset(sqlite3_stmt *statement) { return sqlite.reset(statement); }
int cispec_sqlite_finalize(sqlite3_stmt *statement) { return sqlite.finalize(statement); }
int cispec_sqlite_bind_null(sqlite3_stmt *statement, int index) { return sqlite.bind_null(statement, index); }
int cispec_sqlite_bind_int64(sqlite3_stmt *statement, int index, sqlite3_int64 value) {
  return sqlite.bind_int64(statement, index, value);
}
int cispec_sqlite_bind_double(sqlite3_stmt *statement, int index, double value) {
  return sqlite.bind_double(statement, index, value);
}
int cispec_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int size) {
  return sqlite.bind_text(statement, index, text, size, SQLITE_TRANSIENT);
}
int cispec_sqlite_column_count(sqlite3_stmt *statement) { return sqlite.column_count(statement); }
int cispec_sqlite_column_type(sqlite3_stmt *statement, int column) { return sqlite.column_type(statement, column); }
sqlite3_int64 cispec_sqlite_column_int64(sqlite3_stmt *statement, int column) {
  return sqlite.column_int64(statement, column);
}
double cispec_sqlite_column_double(sqlite3_stmt *statement, int column) {
  return sqlite.column_double(statement, column);
}
const unsigned char *cispec_sqlite_column_text(sqlite3_stmt *statement, int column) {
  return sqlite.column_text(statement, column);
}
int cispec_sqlite_column_bytes(sqlite3_stmt *statement, int column) { return sqlite.column_bytes(statement, column); }
