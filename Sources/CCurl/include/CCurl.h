#ifndef CISPEC_CCURL_H
#define CISPEC_CCURL_H

#include <curl/curl.h>
#include <stdbool.h>

// libcurl, opened when it is first needed: it brings some thirty libraries of its own, and most commands never send
// anything. Each function below stands for the one of libcurl that it is named after; curl_easy_setopt, which is
// variadic and so cannot be called from Swift, is one wrapper for each argument type, and so is curl_easy_getinfo.

// Opens libcurl and sets it up, once for the whole process and from any thread. NULL when that worked, else why not.
const char *cispec_curl_open(void);

// What follows may only be called after cispec_curl_open has returned NULL.
CURL *cispec_curl_easy_init(void);
void cispec_curl_easy_cleanup(CURL *handle);
const char *cispec_curl_easy_strerror(CURLcode code);
struct curl_slist *cispec_curl_slist_append(struct curl_slist *list, const char *line);
void cispec_curl_slist_free_all(struct curl_slist *list);
CURLM *cispec_curl_multi_init(void);
void cispec_curl_multi_cleanup(CURLM *multi);
CURLMcode cispec_curl_multi_add_handle(CURLM *multi, CURL *handle);
CURLMcode cispec_curl_multi_remove_handle(CURLM *multi, CURL *handle);
CURLMcode cispec_curl_multi_perform(CURLM *multi, int *running);
CURLMcode cispec_curl_multi_poll(CURLM *multi, int milliseconds);

// How the transfer that has ended went, of one that has; curl_multi_info_read, for one transfer at a time.
CURLcode cispec_curl_multi_result(CURLM *multi);

typedef size_t (*cispec_curl_write)(char *bytes, size_t size, size_t count, void *context);
CURLcode cispec_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode cispec_curl_set_size(CURL *handle, CURLoption option, curl_off_t value);
CURLcode cispec_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode cispec_curl_set_pointer(CURL *handle, CURLoption option, const void *value);
CURLcode cispec_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode cispec_curl_set_write(CURL *handle, CURLoption option, cispec_curl_write function);

typedef int (*cispec_curl_debug)(CURL *handle, curl_infotype kind, char *bytes, size_t count, void *context);
CURLcode cispec_curl_set_debug(CURL *handle, cispec_curl_debug function);

typedef int (*cispec_curl_before)(void *context, char *, char *, int, int);
// Has the function called before a request is sent, each time libcurl does so; it returns whether to give up. Libraries
// older than 7.80 never call it.
CURLcode cispec_curl_set_before(CURL *handle, cispec_curl_before function, void *context);

// The socket of the last transfer when its connection is kept open, else -1. It stays libcurl's. To be asked for while
// the handle is among the transfers that it ran with.
int cispec_curl_kept_socket(CURL *handle);

#endif
