// SHA-256's init/update/final calls are marked deprecated in favour of EVP, which costs an allocation and a
// lock a call: more than the hash itself on short input. They stay in the library for as long as its ABI does.
#define OPENSSL_SUPPRESS_DEPRECATED 1
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
