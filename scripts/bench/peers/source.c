// A server that event streams come from, as fast as they can, or now and then. Prints its port on the first line.
//
//   GET /flood?events=N   N events, a chunk each, and the end
//   GET /tick             an event a second on each such stream, in turn, so that they come evenly over the second
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n";
enum { events_per_block = 5000, most_streams = 20000 };
static char *block;  // Many chunks; their ids go round, which no reader minds.
static size_t chunk_size, block_size;

static void make_block(void) {
  block = malloc(events_per_block * 128);
  for (int number = 0; number < events_per_block; number++) {
    char event[100];
    int size = snprintf(event, sizeof event,
                        "id: 1733752895-%09d\ndata: {\"status\":\"running\",\"timestamp\":17337%05d.6343958}\n\n", number, number);
    chunk_size = sprintf(block + block_size, "%x\r\n%s\r\n", size, event);
    block_size += chunk_size;
  }
}

static int send_all(int socket, const char *bytes, size_t size) {
  while (size) {
    ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent < 0) return -1;
    bytes += sent;
    size -= sent;
  }
  return 0;
}

struct flood {
  int socket;
  long events;
};

static void *flood(void *argument) {
  struct flood flood = *(struct flood *)argument;
  free(argument);
  int failed = send_all(flood.socket, head, sizeof head - 1);
  for (long left = flood.events; left > 0 && !failed; left -= events_per_block)
    failed = send_all(flood.socket, block, left < events_per_block ? left * chunk_size : block_size);
  if (!failed) send_all(flood.socket, "0\r\n\r\n", 5);
  // The client closes, so that this end does not fill up with closed ones that linger.
  char rest[256];
  shutdown(flood.socket, SHUT_WR);
  while (read(flood.socket, rest, sizeof rest) > 0) {}
  close(flood.socket);
  return NULL;
}

// Those that tick. One that was closed keeps its turn, unused.
static int streams[most_streams];
static _Atomic int stream_count;

static void *tick(void *nothing) {
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  double due = 0;
  for (int at = 0;;) {
    next.tv_nsec += 1000000;
    if (next.tv_nsec >= 1000000000) next.tv_nsec -= 1000000000, next.tv_sec++;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    int count = stream_count;
    for (due += count / 1000.0; due >= 1; due -= 1) {
      if (at >= count) at = 0;
      int socket = streams[at++];
      if (socket >= 0 && send(socket, block, chunk_size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        close(socket);
        streams[at - 1] = -1;
      }
    }
  }
  return nothing;
}

int main(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  make_block();

  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) return 1;
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);

  pthread_t thread;
  pthread_create(&thread, NULL, tick, NULL);
  for (;;) {
    int socket = accept(listener, NULL, NULL);
    if (socket < 0) return 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    char request[4096];
    ssize_t size = read(socket, request, sizeof request - 1);
    request[size > 0 ? size : 0] = 0;
    const char *events = strstr(request, "/flood?events=");
    if (events) {
      struct flood *argument = malloc(sizeof *argument);
      *argument = (struct flood){socket, atol(events + 14)};
      pthread_create(&thread, NULL, flood, argument);
      pthread_detach(thread);
    } else if (stream_count < most_streams) {
      send_all(socket, head, sizeof head - 1);
      // At once the first one, so that the client knows it is connected.
      send_all(socket, block, chunk_size);
      streams[stream_count] = socket;
      stream_count++;
    } else {
      close(socket);
    }
  }
}
