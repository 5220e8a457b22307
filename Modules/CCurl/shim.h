// libcurl for Swift. Swift imports no variadic function, and no macro with a cast: one line here for each class of
// argument that curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt take.
#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

// The type checking macros would hide the variadic functions that the shims call.
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

static inline CURLcode sse_easy_set_long(CURL *_Nonnull easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode sse_easy_set_off(CURL *_Nonnull easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode sse_easy_set_string(CURL *_Nonnull easy, CURLoption option, const char *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode sse_easy_set_pointer(CURL *_Nonnull easy, CURLoption option, const void *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode sse_easy_set_list(CURL *_Nonnull easy, CURLoption option, struct curl_slist *_Nullable value) {
  return curl_easy_setopt(easy, option, value);
}

// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
typedef size_t (*sse_data_callback)(char *_Nonnull bytes, size_t size, size_t count, void *_Nullable context);
static inline CURLcode sse_easy_set_data_callback(CURL *_Nonnull easy, CURLoption option,
                                                  sse_data_callback _Nullable callback) {
  return curl_easy_setopt(easy, option, callback);
}

// CURLOPT_PREREQFUNCTION: the connection stands, the request is about to be sent.
typedef int (*sse_connected_callback)(void *_Nullable context, char *_Nullable local_ip, char *_Nullable peer_ip,
                                      int peer_port, int local_port);
static inline CURLcode sse_easy_set_connected_callback(CURL *_Nonnull easy, sse_connected_callback _Nullable callback) {
  return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

// CURLOPT_XFERINFOFUNCTION: how much has come and gone.
static inline CURLcode sse_easy_set_progress_callback(CURL *_Nonnull easy, curl_xferinfo_callback _Nullable callback) {
  return curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, callback);
}

static inline long sse_easy_get_long(CURL *_Nonnull easy, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

static inline curl_off_t sse_easy_get_off(CURL *_Nonnull easy, CURLINFO info) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

static inline void *_Nullable sse_easy_get_pointer(CURL *_Nonnull easy, CURLINFO info) {
  void *value = NULL;
  curl_easy_getinfo(easy, info, &value);
  return value;
}

static inline CURLMcode sse_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode sse_multi_set_pointer(CURLM *_Nonnull multi, CURLMoption option, void *_Nullable value) {
  return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode sse_multi_set_socket_callback(CURLM *_Nonnull multi, curl_socket_callback _Nullable callback) {
  return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}

static inline CURLMcode sse_multi_set_timer_callback(CURLM *_Nonnull multi,
                                                     curl_multi_timer_callback _Nullable callback) {
  return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
}

static inline CURLSHcode sse_share_set_data(CURLSH *_Nonnull share, curl_lock_data data) {
  return curl_share_setopt(share, CURLSHOPT_SHARE, data);
}

// The arm of CURLMsg's union that CURLMSG_DONE fills in.
static inline CURLcode sse_message_result(const CURLMsg *_Nonnull message) { return message->data.result; }

// Return values of callbacks, which are macros of other integer types.
static const size_t SSE_WRITE_PAUSE = CURL_WRITEFUNC_PAUSE;
static const size_t SSE_WRITE_ERROR = 0xFFFFFFFF;  // CURL_WRITEFUNC_ERROR came with 7.87 and has this value

#endif
