// A server that answers every request with the same bytes: libmicrohttpd with the settings of cispec's server and nothing
// behind it. Arguments: a file with the body. Prints its address and runs until its standard input ends.
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct MHD_Response *response;

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *bytes, size_t *count, void **state) {
  static int seen;
  (void)context, (void)url, (void)method, (void)version, (void)bytes;
  if (*state == NULL) {
    *state = &seen;
    return MHD_YES;
  }
  if (*count > 0) {
    *count = 0;
    return MHD_YES;
  }
  return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

int main(int count, char **arguments) {
  static char body[1 << 16];
  FILE *file = count > 1 ? fopen(arguments[1], "rb") : NULL;
  if (file == NULL) return 2;
  size_t length = fread(body, 1, sizeof body, file);
  fclose(file);
  response = MHD_create_response_from_buffer(length, body, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header(response, "Content-Type", "application/xml");
  MHD_add_response_header(response, "Date", "Sat, 21 Nov 2026 12:00:00 GMT");
  MHD_add_response_header(response, "Server", "tencent-ci");
  MHD_add_response_header(response, "x-ci-request-id", "NjkwMGY0ZjBfMTAwMDA3Zl82OTAwZjRmMF8x");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct MHD_Daemon *daemon = MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_USE_ITC | MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0, NULL, NULL,
      answer, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_CONNECTION_LIMIT, 1100u,
      MHD_OPTION_END);
  if (daemon == NULL) return 3;
  printf("http://127.0.0.1:%d\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush(stdout);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {}
  MHD_stop_daemon(daemon);
  return 0;
}
