// The least that a load takes: epoll, a receive for each delivery, and a look for the ends of events; while many are on
// their way, a pause for more of them.
// drain PORT SUBSCRIBERS EVENTS   follows /sub/0 so many times, then posts an event a second to /pub/0.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

// Sends a request and waits for what begins the answer; the connection.
static int ask(int port, const char *request) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  char answer[4096];
  if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) ||
      send(descriptor, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request) ||
      recv(descriptor, answer, sizeof answer, 0) <= 0)
    exit(71);
  return descriptor;
}

static long ends_of_events(const char *bytes, const char *end) {
  long count = 0;
  while ((bytes = memmem(bytes, end - bytes, "\n\n", 2))) {
    bytes += 2;
    count++;
  }
  return count;
}

int main(int count, char **arguments) {
  if (count < 4) return 64;
  int port = atoi(arguments[1]), subscribers = atoi(arguments[2]), events = atoi(arguments[3]), set = epoll_create1(0);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  for (int i = 0; i < subscribers; i++) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    event.data.fd = ask(port, "GET /sub/0 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
    if (epoll_ctl(set, EPOLL_CTL_ADD, event.data.fd, &event)) return 71;
  }
  sleep(1);

  double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  long deliveries = 0;
  for (int i = 0; i < events; i++) {
    double next = seconds(CLOCK_MONOTONIC) + 1;
    close(ask(port, "POST /pub/0 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18\r\n\r\n1795865075.0841842"));
    for (long left = subscribers; left > 0;) {
      static struct epoll_event ready[256];
      int number = epoll_wait(set, ready, 256, 10000);
      if (number <= 0) return 74;
      // Of a reader that is woken for each few, that is most of what it does.
      if (number < 256 && left > 2000) usleep(300);
      for (int j = 0; j < number; j++) {
        static char bytes[65536];
        ssize_t received = recv(ready[j].data.fd, bytes, sizeof bytes, 0);
        if (received <= 0) return 74;
        long ended = ends_of_events(bytes, bytes + received);
        left -= ended;
        deliveries += ended;
      }
    }
    double wait = next - seconds(CLOCK_MONOTONIC);
    if (wait > 0) usleep(wait * 1e6);
  }
  printf("{\"deliveries\": %ld, \"own_us\": %f}\n", deliveries,
         (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / deliveries * 1e6);
}
