#ifndef CISPEC_CMICROHTTPD_SHIM_H
#define CISPEC_CMICROHTTPD_SHIM_H

#include <microhttpd.h>
#include <stddef.h>
#include <sys/socket.h>

// MHD_start_daemon is variadic, which Swift cannot call: the kit's one way of starting a daemon, on a socket that
// listens already.
static inline struct MHD_Daemon *cispec_mhd_start(
    unsigned int flags, int listening_socket, MHD_AccessHandlerCallback answer, MHD_RequestCompletedCallback completed,
    void *(*target)(void *, const char *, struct MHD_Connection *), void *context, unsigned int threads,
    unsigned int connections_max, unsigned int idle_seconds, size_t connection_memory_bytes) {
  return MHD_start_daemon(
      flags, 0, NULL, NULL, answer, context, MHD_OPTION_LISTEN_SOCKET, listening_socket, MHD_OPTION_NOTIFY_COMPLETED,
      completed, context, MHD_OPTION_URI_LOG_CALLBACK, target, context, MHD_OPTION_THREAD_POOL_SIZE, threads,
      MHD_OPTION_CONNECTION_LIMIT, connections_max, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory_bytes, MHD_OPTION_END);
}

#endif
