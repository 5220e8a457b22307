// The least that a hub over libmicrohttpd takes: the same as bare.c, but for who reads the requests.
// daemon PORT
#define _GNU_SOURCE
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { MOST = 32768 };
static int subscriber[MOST];
static struct MHD_Response *accepted;

struct request {
  size_t size;
  char body[1024];
};

static void put(int descriptor, const char *text, size_t length) {
  if (send(descriptor, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length) exit(71);
}

static enum MHD_Result follow(struct MHD_Connection *connection, int topic) {
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
  int descriptor = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
  subscriber[topic] = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  put(subscriber[topic], head, sizeof head - 1);
  return MHD_NO;
}

static void publish(int topic, const struct request *request) {
  static long events;
  char event[2048];
  put(subscriber[topic], event,
      snprintf(event, sizeof event, "id: %ld\ndata: %.*s\n\n", ++events, (int)request->size, request->body));
}

static enum MHD_Result handle(void *nothing, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *piece, size_t *size, void **context) {
  struct request *request = *context;
  int topic;
  (void)nothing, (void)version;
  if (strlen(path) < 6 || (topic = atoi(path + 5)) < 0 || topic >= MOST) return MHD_NO;
  if (!request) {
    *context = calloc(1, sizeof *request);
    return strcmp(method, "POST") ? follow(connection, topic) : MHD_YES;
  }
  if (*size) {
    if (request->size + *size > sizeof request->body) return MHD_NO;
    memcpy(request->body + request->size, piece, *size);
    request->size += *size;
    *size = 0;
    return MHD_YES;
  }
  publish(topic, request);
  return MHD_queue_response(connection, 202, accepted);
}

static void done(void *nothing, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode how) {
  (void)nothing, (void)connection, (void)how;
  free(*context);
  *context = NULL;
}

int main(int count, char **arguments) {
  if (count < 2) return 64;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  accepted = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
  struct MHD_Daemon *daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_TURBO, atoi(arguments[1]), NULL, NULL, handle, NULL, MHD_OPTION_NOTIFY_COMPLETED, done, NULL,
      MHD_OPTION_CONNECTION_LIMIT, 30000, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)16384, MHD_OPTION_END);
  if (!daemon) return 71;
  while (MHD_run_wait(daemon, -1) == MHD_YES) continue;
}
