#include "CMicroHTTPD.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#ifdef __APPLE__
static const char *const libraryName = "libmicrohttpd.12.dylib";
#else
static const char *const libraryName = "libmicrohttpd.so.12";
#endif

static struct {
  __typeof__(&MHD_start_daemon) start_daemon;
  __typeof__(&MHD_stop_daemon) stop_daemon;
  __typeof__(&MHD_quiesce_daemon) quiesce_daemon;
  __typeof__(&MHD_get_connection_values_n) get_connection_values_n;
  __typeof__(&MHD_create_response_from_buffer) create_response_from_buffer;
  __typeof__(&MHD_add_response_header) add_response_header;
  __typeof__(&MHD_queue_response) queue_response;
  __typeof__(&MHD_destroy_response) destroy_response;
  __typeof__(&MHD_create_response_from_callback) create_response_from_callback;
  __typeof__(&MHD_get_connection_info) get_connection_info;
} mhd;

// The functions of the table by their names in the library.
static const struct {
  const char *name;
  size_t offset;
} functions[] = {
    {"MHD_start_daemon", offsetof(__typeof__(mhd), start_daemon)},
    {"MHD_stop_daemon", offsetof(__typeof__(mhd), stop_daemon)},
    {"MHD_quiesce_daemon", offsetof(__typeof__(mhd), quiesce_daemon)},
    {"MHD_get_connection_values_n", offsetof(__typeof__(mhd), get_connection_values_n)},
    {"MHD_create_response_from_buffer", offsetof(__typeof__(mhd), create_response_from_buffer)},
    {"MHD_add_response_header", offsetof(__typeof__(mhd), add_response_header)},
    {"MHD_queue_response", offsetof(__typeof__(mhd), queue_response)},
    {"MHD_destroy_response", offsetof(__typeof__(mhd), destroy_response)},
    {"MHD_create_response_from_callback", offsetof(__typeof__(mhd), create_response_from_callback)},
    {"MHD_get_connection_info", offsetof(__typeof__(mhd), get_connection_info)},
};

static const char *failure;
static pthread_once_t opened = PTHREAD_ONCE_INIT;

static void openLibrary(void) {
  // Never closed: the library stays for as long as the process.
  void *library = dlopen(libraryName, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    failure = reason ? reason : "libmicrohttpd cannot be opened";
    return;
  }
  for (size_t index = 0; index < sizeof functions / sizeof functions[0]; index++) {
    void *function = dlsym(library, functions[index].name);
    if (!function) {
      failure = "this libmicrohttpd lacks a function that every version since 0.9.64 has";
      return;
    }
    *(void **)((char *)&mhd + functions[index].offset) = function;
  }
}

const char *cispec_mhd_open(void) {
  pthread_once(&opened, openLibrary);
  return failure;
}

struct MHD_Daemon *cispec_mhd_start(
    unsigned int flags, int listening_socket, MHD_AccessHandlerCallback answer, MHD_RequestCompletedCallback completed,
    void *(*target)(void *, const char *, struct MHD_Connection *), void *context, unsigned int threads,
    unsigned int connections_max, unsigned int idle_seconds, size_t connection_memory_bytes) {
  return mhd.start_daemon(
      flags, 0, NULL, NULL, answer, context, MHD_OPTION_LISTEN_SOCKET, listening_socket, MHD_OPTION_NOTIFY_COMPLETED,
      completed, context, MHD_OPTION_URI_LOG_CALLBACK, target, context, MHD_OPTION_THREAD_POOL_SIZE, threads,
      MHD_OPTION_CONNECTION_LIMIT, connections_max, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory_bytes, MHD_OPTION_END);
}
void cispec_mhd_stop_daemon(struct MHD_Daemon *daemon) { mhd.stop_daemon(daemon); }
MHD_socket cispec_mhd_quiesce_daemon(struct MHD_Daemon *daemon) { return mhd.quiesce_daemon(daemon); }
int cispec_mhd_get_connection_values_n(
    struct MHD_Connection *connection, enum MHD_ValueKind kind, MHD_KeyValueIteratorN take, void *context) {
  return mhd.get_connection_values_n(connection, kind, take, context);
}
struct MHD_Response *cispec_mhd_create_response_from_buffer(
    size_t size, void *bytes, enum MHD_ResponseMemoryMode mode) {
  return mhd.create_response_from_buffer(size, bytes, mode);
}
enum MHD_Result cispec_mhd_add_response_header(struct MHD_Response *response, const char *name, const char *value) {
  return mhd.add_response_header(response, name, value);
}
enum MHD_Result cispec_mhd_queue_response(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
  return mhd.queue_response(connection, status, response);
}
void cispec_mhd_destroy_response(struct MHD_Response *response) { mhd.destroy_response(response); }

typedef struct {
  size_t kept;
  char bytes[];
} Truncated;

static ssize_t readTruncated(void *context, uint64_t position, char *buffer, size_t room) {
  const Truncated *truncated = context;
  if (position >= truncated->kept) return MHD_CONTENT_READER_END_WITH_ERROR;
  size_t left = truncated->kept - (size_t)position;
  size_t count = left < room ? left : room;
  memcpy(buffer, truncated->bytes + position, count);
  return (ssize_t)count;
}

struct MHD_Response *cispec_mhd_create_truncated_response(size_t size, const void *bytes, size_t kept) {
  if (kept > size) kept = size;
  Truncated *truncated = malloc(sizeof *truncated + kept);
  if (!truncated) return NULL;
  truncated->kept = kept;
  if (kept) memcpy(truncated->bytes, bytes, kept);
  struct MHD_Response *response = mhd.create_response_from_callback(size, 4096, readTruncated, truncated, free);
  if (!response) free(truncated);
  return response;
}

// The digits of a number; snprintf and inet_ntop take longer than all else that is done for a peer.
static char *writeDecimal(char *at, unsigned number) {
  char digits[10];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while (number /= 10);
  while (count > 0) *at++ = digits[--count];
  return at;
}

int cispec_mhd_peer(struct MHD_Connection *connection, char *text, size_t room) {
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (!info || !info->client_addr) return -1;
  if (info->client_addr->sa_family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)info->client_addr;
    unsigned number = ntohl(four->sin_addr.s_addr);
    if (room < sizeof "255.255.255.255:65535") return -1;
    char *at = text;
    for (int shift = 24; shift >= 0; shift -= 8) {
      at = writeDecimal(at, number >> shift & 255);
      *at++ = shift > 0 ? '.' : ':';
    }
    *writeDecimal(at, ntohs(four->sin_port)) = 0;
    return number >> 24 == 127;
  }
  if (info->client_addr->sa_family != AF_INET6) return -1;
  char address[INET6_ADDRSTRLEN];
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)info->client_addr;
  if (!inet_ntop(AF_INET6, &six->sin6_addr, address, sizeof address)) return -1;
  int count = snprintf(text, room, "[%s]:%d", address, ntohs(six->sin6_port));
  if (count < 0 || (size_t)count >= room) return -1;
  return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr)
      || (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) && six->sin6_addr.s6_addr[12] == 127);
}

void cispec_mhd_reset(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (!info) return;
  // What is unsent is dropped, and closing sends a reset.
  struct linger none = {1, 0};
  setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  struct sockaddr nobody = {.sa_family = AF_UNSPEC};
  connect(info->connect_fd, &nobody, sizeof nobody);
}
