// The least that any server and client take from the time that a status is due to its arrival: a timer, a send, a
// receive. due SECONDS
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

// Waits for one descriptor as servers and clients do.
static void wait_for(int descriptor) {
  int set = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  if (epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) || epoll_wait(set, &event, 1, -1) != 1) exit(71);
  close(set);
}

static void serve(int listener, double seconds) {
  int client = accept(listener, NULL, NULL);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct itimerspec time = {.it_value = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)}};
  double due = now() + seconds;
  timerfd_settime(timer, 0, &time, NULL);
  wait_for(timer);
  if (send(client, &due, sizeof due, MSG_NOSIGNAL) != sizeof due) exit(71);
  exit(0);
}

int main(int count, char **arguments) {
  if (count < 2) return 64;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
      getsockname(listener, (struct sockaddr *)&address, &length))
    return 71;
  if (fork() == 0) serve(listener, atof(arguments[1]));
  double due;
  if (connect(client, (struct sockaddr *)&address, length)) return 71;
  wait_for(client);
  if (recv(client, &due, sizeof due, MSG_WAITALL) != sizeof due) return 71;
  double delay = now() - due;
  wait(NULL);
  printf("{\"p50_ms\": %f}\n", delay * 1000);
}
