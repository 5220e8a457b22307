#ifndef CGNUTLS_SHIM_H
#define CGNUTLS_SHIM_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

// gnutls_certificate_retrieve_function3 is a function type, of which Swift has none but pointers.
typedef int (*sse_gnutls_certificate_callback)(gnutls_session_t _Nullable session,
                                               const struct gnutls_cert_retr_st *_Nullable info,
                                               gnutls_pcert_st *_Nullable *_Nonnull chain,
                                               unsigned int *_Nonnull chain_length,
                                               gnutls_ocsp_data_st *_Nullable *_Nullable ocsp,
                                               unsigned int *_Nullable ocsp_length,
                                               gnutls_privkey_t _Nullable *_Nonnull key,
                                               unsigned int *_Nullable flags);

// A variable, which may be set.
static inline void sse_gnutls_free(void *memory) {
  gnutls_free(memory);
}

#endif
