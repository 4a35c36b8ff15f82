#ifndef CISPEC_CCRYPTO_SHIM_H
#define CISPEC_CCRYPTO_SHIM_H

// SHA1_Init and its like are marked deprecated in favour of calls that look the algorithm up each time.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdint.h>

// Sixteen characters at once, in the compiler's own vectors, which Swift's comparisons of SIMD16 do not become. The first
// character is the lowest byte of the first word.

typedef uint8_t cispec_bytes16 __attribute__((vector_size(16)));
typedef uint64_t cispec_words2 __attribute__((vector_size(16)));

typedef struct {
  uint64_t first, second;
} cispec_characters;

// How many of the first are one of `A-Z a-z 0-9 - . _ ~`, which percent-encoding leaves as they are. NUL is none.
__attribute__((always_inline)) static inline int cispec_unreserved_prefix(cispec_characters characters) {
  cispec_bytes16 bytes = (cispec_bytes16)(cispec_words2){characters.first, characters.second};
  cispec_bytes16 letters = (cispec_bytes16)(((bytes | 0x20) - 0x61) < 26);
  cispec_bytes16 digits = (cispec_bytes16)((bytes - 0x30) < 10);
  cispec_bytes16 marks =
      (cispec_bytes16)((bytes == 0x2D) | (bytes == 0x2E) | (bytes == 0x5F) | (bytes == 0x7E));
  cispec_words2 others = ~(cispec_words2)(letters | digits | marks);
  if (others[0] != 0) return __builtin_ctzll(others[0]) / 8;
  return others[1] != 0 ? 8 + __builtin_ctzll(others[1]) / 8 : 16;
}

// How many of the first belong to the path of a target and stay as they are when it is decoded: ASCII, none of `% + ?` or
// NUL.
__attribute__((always_inline)) static inline int cispec_path_prefix(cispec_characters characters) {
  cispec_bytes16 bytes = (cispec_bytes16)(cispec_words2){characters.first, characters.second};
  cispec_words2 others = (cispec_words2)((bytes == 0x25) | (bytes == 0x2B) | (bytes == 0x3F) | (bytes == 0) |
                                         (cispec_bytes16)(bytes > 0x7F));
  if (others[0] != 0) return __builtin_ctzll(others[0]) / 8;
  return others[1] != 0 ? 8 + __builtin_ctzll(others[1]) / 8 : 16;
}

__attribute__((always_inline)) static inline cispec_characters cispec_lowercased(cispec_characters characters) {
  cispec_bytes16 bytes = (cispec_bytes16)(cispec_words2){characters.first, characters.second};
  cispec_bytes16 capitals = (cispec_bytes16)((bytes - 0x41) < 26);
  cispec_words2 words = (cispec_words2)(bytes | (capitals & 0x20));
  return (cispec_characters){words[0], words[1]};
}

#endif
