// Subscribers of a hub, and its publisher: one thread, one epoll set.
//
//   load PORT SUBSCRIBERS TOPICS EVENTS_A_SECOND EVENTS
//
// Subscriber n follows /sub/(n mod TOPICS), events go to /pub/(any of them). Prints "connected" when all have their
// response's head, publishes once it has read a line, and prints a line of JSON when every event has arrived. The streams
// stay open until its input ends.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum state { idle, connecting, in_head, in_size, in_chunk, after_chunk, in_raw, closed };
enum { most_connecting = 128, per_address = 10000, most_delays = 1 << 22 };

struct subscriber {
  int socket;
  unsigned char state;
  unsigned char line_size;  // Of a line that a read has cut.
  int chunk_left;
  char line[240];
};

static struct subscriber *subscribers;
static int set, port, count, topics, connected, failed, under_way;
static float *delays;
static long deliveries, delay_count;
static double last_delivery;
static char buffer[1 << 16];

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void watch(int socket, unsigned events, long number, int how) {
  struct epoll_event event = {.events = events, .data.u64 = number};
  epoll_ctl(set, how, socket, &event);
}

static int connect_from(int host) {
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  if (socket_ < 0) return -1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // Addresses of its own for every so many, or their ports would run out.
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + host)};
  setsockopt(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  bind(socket_, (struct sockaddr *)&from, sizeof from);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
  if (connect(socket_, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) {
    close(socket_);
    return -1;
  }
  return socket_;
}

static void end(struct subscriber *subscriber) {
  if (subscriber->state < in_size) under_way--;
  close(subscriber->socket);
  subscriber->state = closed;
  failed++;
}

static void take_line(const char *line, size_t size, double time) {
  if (size < 6 || memcmp(line, "data: ", 6)) return;
  deliveries++;
  last_delivery = time;
  const char key[] = "\"timestamp\":", *found = memmem(line, size, key, sizeof key - 1);
  if (found && delay_count < most_delays) delays[delay_count++] = time - strtod(found + sizeof key - 1, NULL);
}

static void take_text(struct subscriber *subscriber, const char *bytes, size_t size, double time) {
  while (size) {
    const char *end = memchr(bytes, '\n', size);
    size_t part = end ? (size_t)(end - bytes) : size;
    if (subscriber->line_size || !end) {
      size_t room = sizeof subscriber->line - subscriber->line_size, kept = part < room ? part : room;
      memcpy(subscriber->line + subscriber->line_size, bytes, kept);
      subscriber->line_size += kept;
      if (end) take_line(subscriber->line, subscriber->line_size, time);
      if (end) subscriber->line_size = 0;
    } else {
      take_line(bytes, part, time);
    }
    bytes += part + !!end;
    size -= part + !!end;
  }
}

// The body, out of its chunks.
static void take_body(struct subscriber *subscriber, const char *bytes, size_t size, double time) {
  if (subscriber->state == in_raw) return take_text(subscriber, bytes, size, time);
  for (size_t at = 0; at < size;) {
    if (subscriber->state == in_chunk) {
      size_t part = size - at < (size_t)subscriber->chunk_left ? size - at : (size_t)subscriber->chunk_left;
      take_text(subscriber, bytes + at, part, time);
      at += part;
      subscriber->chunk_left -= part;
      if (!subscriber->chunk_left) subscriber->state = after_chunk;
      continue;
    }
    char byte = bytes[at++];
    if (subscriber->state == in_size) {
      if (byte == '\n')
        subscriber->state = subscriber->chunk_left ? in_chunk : after_chunk;
      else if (byte != '\r')
        subscriber->chunk_left = subscriber->chunk_left * 16 + (byte <= '9' ? byte - '0' : (byte | 32) - 'a' + 10);
    } else if (byte == '\n') {
      subscriber->state = in_size;
    }
  }
}

static void take_head(struct subscriber *subscriber, char *bytes, size_t size, double time) {
  bytes[size] = 0;
  char *body = strstr(bytes, "\r\n\r\n");
  // No server here sends its head in two parts.
  if (!body || strncmp(bytes, "HTTP/1.1 200", 12)) return end(subscriber);
  *body = 0;
  subscriber->state = strcasestr(bytes, "transfer-encoding: chunked") ? in_size : in_raw;
  under_way--;
  connected++;
  body += 4;
  take_body(subscriber, body, bytes + size - body, time);
}

static void subscriber_ready(long number, unsigned events) {
  struct subscriber *subscriber = &subscribers[number];
  if (subscriber->state == closed) return;
  if (subscriber->state == connecting) {
    char request[200];
    int size = snprintf(request, sizeof request, "GET /sub/%ld HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n",
                        number % topics);
    if (events & EPOLLERR || send(subscriber->socket, request, size, MSG_NOSIGNAL) != size) return end(subscriber);
    subscriber->state = in_head;
    return watch(subscriber->socket, EPOLLIN, number, EPOLL_CTL_MOD);
  }
  ssize_t size = recv(subscriber->socket, buffer, sizeof buffer - 1, 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return end(subscriber);
  double time = now(CLOCK_REALTIME);
  if (subscriber->state == in_head)
    take_head(subscriber, buffer, size, time);
  else
    take_body(subscriber, buffer, size, time);
}

static struct {
  int socket, is_waiting;
  long published, refused;
} publisher;

static void publish(double time) {
  char body[200], request[512];
  int size = snprintf(body, sizeof body,
                      "{\"status\":\"running\",\"job\":\"j-0001\",\"timestamp\":%.6f,\"message\":\"page 12 of 99\"}", time);
  size = snprintf(request, sizeof request,
                  "POST /pub/%ld HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                  random() % topics, size, body);
  if (send(publisher.socket, request, size, MSG_NOSIGNAL) != size) exit(1);
  publisher.is_waiting = 1;
  publisher.published++;
}

static void publisher_ready(void) {
  static char answer[4096];
  static size_t size;
  ssize_t more = recv(publisher.socket, answer + size, sizeof answer - 1 - size, 0);
  if (more < 0 && errno == EAGAIN) return;
  if (more <= 0) exit(1);
  size += more;
  answer[size] = 0;
  char *body = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "content-length:");
  if (!body || strlen(body + 4) < (length && length < body ? strtoul(length + 15, NULL, 10) : 0)) return;
  if (answer[9] != '2') publisher.refused++;
  publisher.is_waiting = 0;
  size = 0;
}

static void turn(int milliseconds) {
  struct epoll_event ready[512];
  int number = epoll_wait(set, ready, 512, milliseconds);
  for (int i = 0; i < number; i++) {
    if (ready[i].data.u64 == (unsigned long)count)
      publisher_ready();
    else
      subscriber_ready(ready[i].data.u64, ready[i].events);
  }
}

static void connect_all(void) {
  double limit = now(CLOCK_MONOTONIC) + 120;
  for (int number = 0; connected + failed < count && now(CLOCK_MONOTONIC) < limit;) {
    for (; number < count && under_way < most_connecting; number++) {
      subscribers[number].socket = connect_from(1 + number / per_address);
      if (subscribers[number].socket < 0) {
        subscribers[number].state = closed;
        failed++;
        continue;
      }
      subscribers[number].state = connecting;
      under_way++;
      watch(subscribers[number].socket, EPOLLOUT, number, EPOLL_CTL_ADD);
    }
    turn(10);
  }
}

// Returns when everything has arrived, or after so long that nothing more will come.
static void publish_all(double rate, long planned) {
  double begin = now(CLOCK_REALTIME), *due = malloc(planned * sizeof *due);
  long fallen_due = 0, fanout = count / topics;
  for (;;) {
    double time = now(CLOCK_REALTIME);
    // An event that has to wait for the answer to the one before is that much late.
    while (fallen_due < planned && begin + fallen_due / rate <= time) due[fallen_due++] = time;
    if (!publisher.is_waiting && publisher.published < fallen_due) publish(due[publisher.published]);
    if (publisher.published == planned && !publisher.is_waiting && deliveries >= planned * fanout) return;
    if (time > begin + planned / rate + 90) return;
    double wait = fallen_due < planned ? begin + fallen_due / rate - time : 0.01;
    turn(wait > 0.0011 ? wait * 1000 - 0.1 : wait > 0 ? 1 : 0);
  }
}

static int ascending(const void *a, const void *b) {
  return (*(const float *)a > *(const float *)b) - (*(const float *)a < *(const float *)b);
}

int main(int argument_count, char **arguments) {
  if (argument_count < 6) return 64;
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  port = atoi(arguments[1]), count = atoi(arguments[2]), topics = atoi(arguments[3]);
  subscribers = calloc(count, sizeof *subscribers);
  delays = malloc(most_delays * sizeof *delays);
  set = epoll_create1(0);
  connect_all();
  printf("connected\n");
  fflush(stdout);
  char line[16];
  if (!fgets(line, sizeof line, stdin)) return 1;

  publisher.socket = connect_from(0);
  watch(publisher.socket, EPOLLIN, count, EPOLL_CTL_ADD);
  turn(100);
  deliveries = delay_count = 0;
  double begin = now(CLOCK_REALTIME), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
  publish_all(atof(arguments[4]), atol(arguments[5]));
  cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;

  qsort(delays, delay_count, sizeof *delays, ascending);
  double p50 = delay_count ? delays[delay_count / 2] * 1e3 : -1, p99 = delay_count ? delays[delay_count * 99 / 100] * 1e3 : -1;
  printf("{\"connected\": %d, \"failed\": %d, \"published\": %ld, \"refused\": %ld, \"deliveries\": %ld, \"seconds\": %f, "
         "\"p50_ms\": %f, \"p99_ms\": %f, \"own_cpu\": %f}\n",
         connected, failed, publisher.published, publisher.refused, deliveries, last_delivery - begin, p50, p99, cpu);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {}
}
