#ifndef CISPEC_CMICROHTTPD_H
#define CISPEC_CMICROHTTPD_H

#include <microhttpd.h>
#include <stddef.h>
#include <sys/socket.h>

// libmicrohttpd, opened when the first server starts: it brings GnuTLS, and most commands serve nothing. Each function
// below stands for the one that it is named after.

// Opens libmicrohttpd, once for the whole process and from any thread. NULL when that worked, else why not.
const char *cispec_mhd_open(void);

// What follows may only be called after cispec_mhd_open has returned NULL.

// MHD_start_daemon is variadic, which Swift cannot call: the kit's one way of starting a daemon, on a socket that
// listens already.
struct MHD_Daemon *cispec_mhd_start(
    unsigned int flags, int listening_socket, MHD_AccessHandlerCallback answer, MHD_RequestCompletedCallback completed,
    void *(*target)(void *, const char *, struct MHD_Connection *), void *context, unsigned int threads,
    unsigned int connections_max, unsigned int idle_seconds, size_t connection_memory_bytes);
void cispec_mhd_stop_daemon(struct MHD_Daemon *daemon);
MHD_socket cispec_mhd_quiesce_daemon(struct MHD_Daemon *daemon);
int cispec_mhd_get_connection_values_n(
    struct MHD_Connection *connection, enum MHD_ValueKind kind, MHD_KeyValueIteratorN take, void *context);
struct MHD_Response *cispec_mhd_create_response_from_buffer(
    size_t size, void *bytes, enum MHD_ResponseMemoryMode mode);
enum MHD_Result cispec_mhd_add_response_header(struct MHD_Response *response, const char *name, const char *value);
enum MHD_Result cispec_mhd_queue_response(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response);
void cispec_mhd_destroy_response(struct MHD_Response *response);

// A response that announces all bytes and breaks off after some of them. The bytes are copied. NULL without memory.
struct MHD_Response *cispec_mhd_create_truncated_response(size_t size, const void *bytes, size_t kept);
// Writes the address and port of the other end as text that ends with a NUL: 1 when it is on this machine, 0 when it is
// not, -1 when it is not known or the text has no room.
int cispec_mhd_peer(struct MHD_Connection *connection, char *text, size_t room);
// Resets the connection; the callback that does it returns MHD_NO then.
void cispec_mhd_reset(struct MHD_Connection *connection);

#endif
