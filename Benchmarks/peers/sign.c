// The digests of one signature in a plain C loop on libcrypto: SHA-1 of HttpString and HMAC-SHA1 of StringToSign. Nothing
// is canonicalized: the texts are ready, and the SignKey is kept, as cispec keeps it within one second.
//
// With `calls` as second argument it calls SHA1() and HMAC(), as a program does that signs; without, it uses the block
// functions and keeps the SignKey's two states as well, which is the least that the digests can cost.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void begin(SHA_CTX *state, const char *key, unsigned char pad) {
  unsigned char block[64] = {0};
  memcpy(block, key, strlen(key));
  for (int index = 0; index < 64; index++) block[index] ^= pad;
  SHA1_Init(state);
  SHA1_Update(state, block, sizeof block);
}

static void hex(const unsigned char *digest, char *text) {
  static const char digits[] = "0123456789abcdef";
  for (int index = 0; index < 20; index++) {
    *text++ = digits[digest[index] >> 4];
    *text++ = digits[digest[index] & 15];
  }
}

int main(int count, char **arguments) {
  long rounds = count > 1 ? atol(arguments[1]) : 200000;
  static const char http_string[] =
      "post\n/file_jobs\na=b\ncontent-length=166&content-type=application%2Fxml&"
      "host=test-1250000000.ci.ap-chongqing.myqcloud.com\n";
  char string_to_sign[] = "sha1\n1699999940;1700000900\n0000000000000000000000000000000000000000\n";
  SHA_CTX inner, outer;
  begin(&inner, "0123456789abcdef0123456789abcdef01234567", 0x36);
  begin(&outer, "0123456789abcdef0123456789abcdef01234567", 0x5C);
  int with_calls = count > 2 && strcmp(arguments[2], "calls") == 0;
  struct timespec start, end;
  unsigned total = 0;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long round = 0; round < rounds; round++) {
    unsigned char digest[20];
    char signature[40];
    if (with_calls) {
      SHA1((const unsigned char *)http_string, sizeof http_string - 1, digest);
      hex(digest, string_to_sign + 27);
      HMAC(EVP_sha1(), "0123456789abcdef0123456789abcdef01234567", 40, (const unsigned char *)string_to_sign,
           sizeof string_to_sign - 1, digest, NULL);
      hex(digest, signature);
      total += (unsigned)signature[0];
      continue;
    }
    SHA_CTX state;
    SHA1_Init(&state);
    SHA1_Update(&state, http_string, sizeof http_string - 1);
    SHA1_Final(digest, &state);
    hex(digest, string_to_sign + 27);
    state = inner;
    SHA1_Update(&state, string_to_sign, sizeof string_to_sign - 1);
    SHA1_Final(digest, &state);
    state = outer;
    SHA1_Update(&state, digest, sizeof digest);
    SHA1_Final(digest, &state);
    hex(digest, signature);
    total += (unsigned)signature[0];
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / rounds + (total == 0));
  return 0;
}
