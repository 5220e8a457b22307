// The least that a hub takes: epoll, a receive for each request, a send for each answer and each event, and nothing that
// looks after anybody. Takes requests only as `tclient load` sends them.
// bare PORT   GET /sub/N follows topic N; POST /pub/N sends its body to who does. Nobody leaves a topic.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 32768 };
// By topic the descriptor that followed it last, and by descriptor the one before; 0 is none.
static int latest[MOST], before[MOST];

static void put(int descriptor, const char *text, size_t length) {
  if (send(descriptor, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)length) exit(71);
}

static void publish(int topic, const char *body, size_t length) {
  static long events;
  char event[1024];
  int size = snprintf(event, sizeof event, "id: %ld\ndata: %.*s\n\n", ++events, (int)length, body);
  for (int descriptor = latest[topic]; descriptor; descriptor = before[descriptor]) put(descriptor, event, size);
}

// One request; where the next one begins. NULL if it is not one.
static char *answer(int descriptor, char *request) {
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
  static const char accepted[] = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
  char *end = strstr(request, "\r\n\r\n");
  int topic;
  if (!end) return NULL;
  if (sscanf(request, "GET /sub/%d", &topic) == 1 && topic >= 0 && topic < MOST && descriptor < MOST) {
    before[descriptor] = latest[topic];
    latest[topic] = descriptor;
    put(descriptor, head, sizeof head - 1);
    return end + 4;
  }
  char *length = strcasestr(request, "\r\nContent-Length: ");
  if (sscanf(request, "POST /pub/%d", &topic) != 1 || topic < 0 || topic >= MOST || !length || length > end) return NULL;
  size_t bytes = strtoul(length + 18, NULL, 10);
  publish(topic, end + 4, bytes);
  put(descriptor, accepted, sizeof accepted - 1);
  return end + 4 + bytes;
}

int main(int count, char **arguments) {
  if (count < 2) return 64;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), set = epoll_create1(0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096) ||
      epoll_ctl(set, EPOLL_CTL_ADD, listener, &event))
    return 71;
  while (epoll_wait(set, &event, 1, -1) >= 0) {
    int descriptor = event.data.fd;
    if (descriptor == listener) {
      event.data.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (event.data.fd < 0) continue;
      setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      epoll_ctl(set, EPOLL_CTL_ADD, event.data.fd, &event);
      continue;
    }
    static char request[65536];
    ssize_t received = recv(descriptor, request, sizeof request - 1, 0);
    if (received <= 0) {
      close(descriptor);
      continue;
    }
    request[received] = 0;
    for (char *next = request; next && next < request + received;) next = answer(descriptor, next);
  }
}
