#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

// curl.h turns these into checking macros; here the names of the functions themselves are meant.
#undef curl_easy_setopt
#undef curl_easy_getinfo

#ifdef __APPLE__
static const char *const libraryName = "libcurl.4.dylib";
#else
static const char *const libraryName = "libcurl.so.4";
#endif

static struct {
  __typeof__(&curl_global_init) global_init;
  __typeof__(&curl_easy_init) easy_init;
  __typeof__(&curl_easy_cleanup) easy_cleanup;
  __typeof__(&curl_easy_strerror) easy_strerror;
  CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
  CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
  __typeof__(&curl_slist_append) slist_append;
  __typeof__(&curl_slist_free_all) slist_free_all;
  __typeof__(&curl_multi_init) multi_init;
  __typeof__(&curl_multi_cleanup) multi_cleanup;
  __typeof__(&curl_multi_add_handle) multi_add_handle;
  __typeof__(&curl_multi_remove_handle) multi_remove_handle;
  __typeof__(&curl_multi_perform) multi_perform;
  __typeof__(&curl_multi_poll) multi_poll;
  __typeof__(&curl_multi_info_read) multi_info_read;
} curl;

static const char *failure;
static pthread_once_t opened = PTHREAD_ONCE_INIT;

// The functions of the table by their names in the library.
static const struct {
  const char *name;
  size_t offset;
} functions[] = {
    {"curl_global_init", offsetof(__typeof__(curl), global_init)},
    {"curl_easy_init", offsetof(__typeof__(curl), easy_init)},
    {"curl_easy_cleanup", offsetof(__typeof__(curl), easy_cleanup)},
    {"curl_easy_strerror", offsetof(__typeof__(curl), easy_strerror)},
    {"curl_easy_setopt", offsetof(__typeof__(curl), easy_setopt)},
    {"curl_easy_getinfo", offsetof(__typeof__(curl), easy_getinfo)},
    {"curl_slist_append", offsetof(__typeof__(curl), slist_append)},
    {"curl_slist_free_all", offsetof(__typeof__(curl), slist_free_all)},
    {"curl_multi_init", offsetof(__typeof__(curl), multi_init)},
    {"curl_multi_cleanup", offsetof(__typeof__(curl), multi_cleanup)},
    {"curl_multi_add_handle", offsetof(__typeof__(curl), multi_add_handle)},
    {"curl_multi_remove_handle", offsetof(__typeof__(curl), multi_remove_handle)},
    {"curl_multi_perform", offsetof(__typeof__(curl), multi_perform)},
    {"curl_multi_poll", offsetof(__typeof__(curl), multi_poll)},
    {"curl_multi_info_read", offsetof(__typeof__(curl), multi_info_read)},
};

static void openLibrary(void) {
  // Never closed: libcurl stays for as long as the process.
  void *library = dlopen(libraryName, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    failure = reason ? reason : "libcurl cannot be opened";
    return;
  }
  for (size_t index = 0; index < sizeof functions / sizeof functions[0]; index++) {
    void *function = dlsym(library, functions[index].name);
    if (!function) {
      failure = "this libcurl lacks a function that every version since 7.66 has";
      return;
    }
    *(void **)((char *)&curl + functions[index].offset) = function;
  }
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) failure = "libcurl cannot set itself up";
}

const char *cispec_curl_open(void) {
  pthread_once(&opened, openLibrary);
  return failure;
}

CURL *cispec_curl_easy_init(void) { return curl.easy_init(); }
void cispec_curl_easy_cleanup(CURL *handle) { curl.easy_cleanup(handle); }
const char *cispec_curl_easy_strerror(CURLcode code) { return curl.easy_strerror(code); }
struct curl_slist *cispec_curl_slist_append(struct curl_slist *list, const char *line) {
  return curl.slist_append(list, line);
}
void cispec_curl_slist_free_all(struct curl_slist *list) { curl.slist_free_all(list); }
CURLM *cispec_curl_multi_init(void) { return curl.multi_init(); }
void cispec_curl_multi_cleanup(CURLM *multi) { curl.multi_cleanup(multi); }
CURLMcode cispec_curl_multi_add_handle(CURLM *multi, CURL *handle) { return curl.multi_add_handle(multi, handle); }
CURLMcode cispec_curl_multi_remove_handle(CURLM *multi, CURL *handle) {
  return curl.multi_remove_handle(multi, handle);
}
CURLMcode cispec_curl_multi_perform(CURLM *multi, int *running) { return curl.multi_perform(multi, running); }
CURLMcode cispec_curl_multi_poll(CURLM *multi, int milliseconds) {
  return curl.multi_poll(multi, NULL, 0, milliseconds, NULL);
}
CURLcode cispec_curl_multi_result(CURLM *multi) {
  int others;
  CURLMsg *message = curl.multi_info_read(multi, &others);
  return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_FAILED_INIT;
}

CURLcode cispec_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl.easy_setopt(handle, option, value);
}
CURLcode cispec_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl.easy_setopt(handle, option, value);
}
CURLcode cispec_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl.easy_setopt(handle, option, value);
}
CURLcode cispec_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl.easy_setopt(handle, option, value);
}
CURLcode cispec_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl.easy_setopt(handle, option, value);
}
CURLcode cispec_curl_set_write(CURL *handle, CURLoption option, cispec_curl_write function) {
  return curl.easy_setopt(handle, option, function);
}
CURLcode cispec_curl_set_debug(CURL *handle, cispec_curl_debug function) {
  return curl.easy_setopt(handle, CURLOPT_DEBUGFUNCTION, function);
}
CURLcode cispec_curl_set_before(CURL *handle, cispec_curl_before function, void *context) {
#if LIBCURL_VERSION_NUM >= 0x075000
  CURLcode code = curl.easy_setopt(handle, CURLOPT_PREREQFUNCTION, function);
  return code == CURLE_OK ? curl.easy_setopt(handle, CURLOPT_PREREQDATA, context) : code;
#else
  (void)handle, (void)function, (void)context;
  return CURLE_UNKNOWN_OPTION;
#endif
}
int cispec_curl_kept_socket(CURL *handle) {
  curl_socket_t descriptor = CURL_SOCKET_BAD;
  curl.easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &descriptor);
  return (int)descriptor;
}
