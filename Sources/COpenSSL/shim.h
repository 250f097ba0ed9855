#pragma once
#include <openssl/bio.h>
#include <openssl/buffer.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Function-like macros that Swift cannot call.
static inline long COpenSSL_set_min_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}
static inline long COpenSSL_set_max_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_max_proto_version(context, version);
}
static inline long COpenSSL_set_server_name(SSL *connection, const char *name) {
  return SSL_set_tlsext_host_name(connection, name);
}
static inline long COpenSSL_set_empty_read_result(BIO *bio, int result) {
  return BIO_set_mem_eof_return(bio, result);
}
// A memory BIO keeps the room that its fullest moment took; an empty one with more than that many bytes starts anew.
static inline void COpenSSL_give_back(BIO *bio, size_t kept) {
  BUF_MEM *memory = NULL;
  BIO_get_mem_ptr(bio, &memory);
  if (memory == NULL || memory->length > 0 || memory->max <= kept) return;
  BUF_MEM *fresh = BUF_MEM_new();
  if (fresh != NULL) (void)BIO_set_mem_buf(bio, fresh, BIO_CLOSE);
}
static inline long COpenSSL_set_groups(SSL_CTX *context, const char *names) {
  return SSL_CTX_set1_groups_list(context, names);
}
static inline long COpenSSL_set_session_cache_off(SSL_CTX *context) {
  return SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
static inline long COpenSSL_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(context, certificate);
}

// The option bits are function-like macros in OpenSSL 3. No renegotiation (a flood), no compression (it leaks
// lengths), no tickets (a resumed session would outlive a changed client CA), the server's order of ciphers.
static inline uint64_t COpenSSL_safe_options(void) {
  return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE;
}
// The argument of the callback is set by a macro.
typedef void (*COpenSSL_message_callback)(int is_written, int version, int type, const void *bytes, size_t count,
                                          SSL *connection, void *argument);
static inline void COpenSSL_set_message_callback(SSL *connection, COpenSSL_message_callback callback, void *argument) {
  SSL_set_msg_callback(connection, callback);
  SSL_set_msg_callback_arg(connection, argument);
}
// A macro.
static inline void COpenSSL_empty(BIO *memory) { (void)BIO_reset(memory); }
// Idle connections give their 32 KiB of record buffers back; a write may be repeated from another address.
static inline long COpenSSL_set_modes(SSL_CTX *context) {
  return SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

// The typed stack functions are macros over OPENSSL_STACK.
static inline int COpenSSL_general_name_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
// The name at an index as its type (GEN_DNS, GEN_URI, GEN_EMAIL, GEN_IPADD) and raw bytes; other types have none.
static inline int COpenSSL_general_name_at(const GENERAL_NAMES *names, int index, const unsigned char **bytes,
                                           int *count) {
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  const ASN1_STRING *text = NULL;
  if (name->type == GEN_DNS) text = name->d.dNSName;
  if (name->type == GEN_URI) text = name->d.uniformResourceIdentifier;
  if (name->type == GEN_EMAIL) text = name->d.rfc822Name;
  if (name->type == GEN_IPADD) text = name->d.iPAddress;
  *bytes = text ? ASN1_STRING_get0_data(text) : NULL;
  *count = text ? ASN1_STRING_length(text) : 0;
  return name->type;
}

// A macro.
static inline long COpenSSL_set_max_certificate_bytes(SSL_CTX *context, long bytes) {
  return SSL_CTX_set_max_cert_list(context, bytes);
}
static inline STACK_OF(X509) *COpenSSL_new_certificates(void) { return sk_X509_new_null(); }
static inline int COpenSSL_add_certificate(STACK_OF(X509) *all, X509 *certificate) { return sk_X509_push(all, certificate); }
// The certificates stay their owners'.
static inline void COpenSSL_free_certificates(STACK_OF(X509) *all) { sk_X509_free(all); }
// What a client showed behind its own certificate.
static inline int COpenSSL_peer_chain_count(SSL *connection) {
  const STACK_OF(X509) *chain = SSL_get_peer_cert_chain(connection);
  return chain == NULL ? 0 : sk_X509_num(chain);
}
static inline X509 *COpenSSL_peer_chain_at(SSL *connection, int index) {
  return sk_X509_value(SSL_get_peer_cert_chain(connection), index);
}

// Whether an error code only says that a PEM text holds no further block (ERR_GET_LIB and _REASON are inline in 3.0).
static inline int COpenSSL_is_end_of_pem(unsigned long code) {
  return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

// A new P-256 key; EVP_EC_gen is a macro over a variadic function.
static inline EVP_PKEY *COpenSSL_new_p256_key(void) { return EVP_EC_gen("P-256"); }
