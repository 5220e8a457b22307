// libmicrohttpd for Swift. Swift imports no variadic function: one start call takes every option as an array, and the
// readers of MHD_get_daemon_info and MHD_get_connection_info are spelled out.
#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>

// A macro with a cast, which Swift does not import.
static const uint64_t SSE_MHD_SIZE_UNKNOWN = MHD_SIZE_UNKNOWN;

static inline struct MHD_OptionItem sse_mhd_option_int(enum MHD_OPTION option, intptr_t value) {
  struct MHD_OptionItem item = {option, value, NULL};
  return item;
}

// MHD_OPTION_NOTIFY_COMPLETED.
static inline struct MHD_OptionItem sse_mhd_option_completed(MHD_RequestCompletedCallback _Nonnull callback,
                                                             void *_Nullable context) {
  struct MHD_OptionItem item = {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)callback, context};
  return item;
}

// MHD_OPTION_NOTIFY_CONNECTION.
static inline struct MHD_OptionItem sse_mhd_option_connection(MHD_NotifyConnectionCallback _Nonnull callback,
                                                              void *_Nullable context) {
  struct MHD_OptionItem item = {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)callback, context};
  return item;
}

// MHD_OPTION_URI_LOG_CALLBACK: the request target as it was sent, before libmicrohttpd cuts and unescapes it in place.
static inline struct MHD_OptionItem sse_mhd_option_target(
    void *_Nullable (*_Nonnull callback)(void *_Nullable context, const char *_Nullable target,
                                         struct MHD_Connection *_Nullable connection),
    void *_Nullable context) {
  struct MHD_OptionItem item = {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)callback, context};
  return item;
}

// MHD_OPTION_HTTPS_CERT_CALLBACK2: a gnutls_certificate_retrieve_function3, or text.
static inline struct MHD_OptionItem sse_mhd_option_pointer(enum MHD_OPTION option, const void *_Nonnull value) {
  struct MHD_OptionItem item = {option, 0, (void *)value};
  return item;
}

static inline struct MHD_OptionItem sse_mhd_option_end(void) {
  struct MHD_OptionItem item = {MHD_OPTION_END, 0, NULL};
  return item;
}

// options ends with sse_mhd_option_end().
static inline struct MHD_Daemon *_Nullable sse_mhd_start(unsigned int flags, MHD_AccessHandlerCallback _Nonnull handler,
                                                         void *_Nullable context,
                                                         struct MHD_OptionItem *_Nonnull options) {
  return MHD_start_daemon(flags, 0, NULL, NULL, handler, context, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

// No chunked encoding, and the end of the connection for the end of the body.
static inline void sse_mhd_unchunked(struct MHD_Response *_Nonnull response) {
  MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

static inline int sse_mhd_epoll_fd(struct MHD_Daemon *_Nonnull daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info ? info->epoll_fd : -1;
}

static inline unsigned int sse_mhd_connection_count(struct MHD_Daemon *_Nonnull daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
  return info ? info->num_connections : 0;
}

// A timeout of its own for one connection, in seconds.
static inline void sse_mhd_set_timeout(struct MHD_Connection *_Nonnull connection, unsigned int seconds) {
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

static inline int sse_mhd_connection_fd(struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline const struct sockaddr *_Nullable sse_mhd_client_address(struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

// Of the request's head, from its method to its end; 0 before the handler is called.
static inline size_t sse_mhd_head_size(struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return info ? info->header_size : 0;
}

// What MHD_NotifyConnectionCallback stored in its socket_context.
static inline void *_Nullable sse_mhd_socket_context(struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

#endif
