// A bare libcurl loop that sends one request again and again over one kept connection. Prints ns each.
// exchange-c URL COUNT HEADER...
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t receive(char *data, size_t size, size_t count, void *total) {
  (void)data;
  *(size_t *)total += size * count;
  return size * count;
}

int main(int count, char **arguments) {
  if (count < 4) return 2;
  long rounds = atol(arguments[2]);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *handle = curl_easy_init();
  struct curl_slist *headers = NULL;
  for (int index = 3; index < count; index++) headers = curl_slist_append(headers, arguments[index]);
  size_t total = 0;
  curl_easy_setopt(handle, CURLOPT_URL, arguments[1]);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &total);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  struct timespec start, end;
  for (long round = -rounds / 10; round < rounds; round++) {
    if (round == 0) clock_gettime(CLOCK_MONOTONIC, &start);
    long status = 0;
    if (curl_easy_perform(handle) != CURLE_OK) return 1;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return 1;
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / rounds);
  return total == 0;
}
