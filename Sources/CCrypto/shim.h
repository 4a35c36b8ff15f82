#ifndef CISPEC_CCRYPTO_SHIM_H
#define CISPEC_CCRYPTO_SHIM_H

// SHA1_Init and its like are marked deprecated in favour of calls that look the algorithm up each time.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#endif
