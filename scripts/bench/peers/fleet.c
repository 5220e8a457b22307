// The least that many streams cost a client over libcurl: one multi handle, one epoll set, a callback that counts events.
// fleet URL STREAMS SECONDS
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int set;
static double timer_due = -1;  // In seconds of the monotonic clock; none if less than 0.
static long events, started;

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static int socket_changed(CURL *transfer, curl_socket_t socket, int what, void *context, void *known) {
  struct epoll_event wanted = {.events = what & CURL_POLL_IN ? EPOLLIN : 0, .data.fd = socket};
  if (what & CURL_POLL_OUT && what != CURL_POLL_REMOVE) wanted.events |= EPOLLOUT;
  if (what == CURL_POLL_REMOVE)
    epoll_ctl(set, EPOLL_CTL_DEL, socket, NULL);
  else if (epoll_ctl(set, EPOLL_CTL_MOD, socket, &wanted))
    epoll_ctl(set, EPOLL_CTL_ADD, socket, &wanted);
  (void)transfer, (void)context, (void)known;
  return 0;
}

static int timer_changed(CURLM *multi, long milliseconds, void *context) {
  timer_due = milliseconds < 0 ? -1 : seconds(CLOCK_MONOTONIC) + milliseconds / 1e3;
  (void)multi, (void)context;
  return 0;
}

// Here each chunk is an event: that is how the source sends them.
static size_t received(char *bytes, size_t size, size_t number, void *seen) {
  events++;
  if (!*(char *)seen) started++;
  *(char *)seen = 1;
  (void)bytes;
  return size * number;
}

static void turn(CURLM *multi, int most_milliseconds) {
  double now = seconds(CLOCK_MONOTONIC);
  int wait = most_milliseconds, running;
  if (timer_due >= 0 && (timer_due - now) * 1e3 < wait) wait = timer_due > now ? (timer_due - now) * 1e3 + 1 : 0;
  struct epoll_event ready[256];
  int count = epoll_wait(set, ready, 256, wait);
  for (int i = 0; i < count; i++) {
    int mask = (ready[i].events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
               (ready[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) | (ready[i].events & EPOLLERR ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi, ready[i].data.fd, mask, &running);
  }
  if (timer_due >= 0 && seconds(CLOCK_MONOTONIC) >= timer_due) {
    timer_due = -1;
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

static long resident_bytes(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
  if (file) fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

int main(int argument_count, char **arguments) {
  if (argument_count < 4) return 64;
  long streams = atol(arguments[2]);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  curl_global_init(CURL_GLOBAL_ALL);
  set = epoll_create1(0);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer_changed);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 16L);

  char *seen = calloc(streams, 1);
  long before = resident_bytes();
  double begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (long number = 0; number < streams; number++) {
    while (number - started > 64) turn(multi, 1);
    CURL *transfer = curl_easy_init();
    curl_easy_setopt(transfer, CURLOPT_URL, arguments[1]);
    curl_easy_setopt(transfer, CURLOPT_PROXY, "");
    curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(transfer, CURLOPT_BUFFERSIZE, 1024L);
    curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, received);
    curl_easy_setopt(transfer, CURLOPT_WRITEDATA, seen + number);
    curl_multi_add_handle(multi, transfer);
  }
  while (started < streams) turn(multi, 10);
  double opened = seconds(CLOCK_MONOTONIC) - begin, opening_cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;

  for (double end = seconds(CLOCK_MONOTONIC) + 1; seconds(CLOCK_MONOTONIC) < end;) turn(multi, 10);
  long delivered = events;
  begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (double end = begin + atof(arguments[3]); seconds(CLOCK_MONOTONIC) < end;) turn(multi, 10);
  printf("{\"streams\": %ld, \"deliveries\": %ld, \"cpu\": %f, \"seconds\": %f, \"bytes_per_stream\": %ld, \"threads\": 1, "
         "\"open_seconds\": %f, \"open_cpu\": %f}\n",
         streams, events - delivered, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds(CLOCK_MONOTONIC) - begin,
         (resident_bytes() - before) / streams, opened, opening_cpu);
}
