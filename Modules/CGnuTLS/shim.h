#ifndef CGNUTLS_SHIM_H
#define CGNUTLS_SHIM_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

// A variable, which may be set.
static inline void sse_gnutls_free(void *memory) {
  gnutls_free(memory);
}

#endif
