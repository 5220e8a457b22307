// What a publication takes a hub that finds nothing in the processor's caches, as after some milliseconds of sleep.
// cold SUBSCRIBERS PUBLICATIONS PROCESS:PORT …   For each hub, as in hubs.py: microseconds of its CPU time, the median of
// batches. The hubs take turns, in a new order each time, and before each publication memory and code that are nobody's are
// gone through: what is driven out is the data, the code and what is known of its branches.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 16, BATCH = 20, JUMPS = 24000, MEMORY = 2 << 20, LINE = 64 };

struct hub {
  int process, port, publisher, *subscribers;
  double *batches;
};

static void fail(const char *what) {
  perror(what);
  exit(71);
}

// Jumps over all lines of a piece of memory in an order that cannot be foreseen, and returns.
static void (*jumps(void))(void) {
  unsigned char *code = mmap(0, JUMPS * LINE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (code == MAP_FAILED) fail("mmap");
  static int order[JUMPS];
  for (int place = 0; place < JUMPS; place++) order[place] = place;
  for (int place = JUMPS - 1; place > 1; place--) {
    int other = 1 + rand() % place, line = order[place];
    order[place] = order[other];
    order[other] = line;
  }
  for (int place = 0; place < JUMPS; place++) {
    unsigned char *from = code + LINE * order[place];
    int distance = place + 1 < JUMPS ? LINE * (order[place + 1] - order[place]) : 0;
#if defined __x86_64__
    distance -= 5;
    from[0] = place + 1 < JUMPS ? 0xE9 : 0xC3;
    memcpy(from + 1, &distance, 4);
#elif defined __aarch64__
    unsigned instruction = place + 1 < JUMPS ? 0x14000000u | (unsigned)(distance / 4 & 0x3FFFFFF) : 0xD65F03C0u;
    memcpy(from, &instruction, 4);
#else
#error "no jump is known for this processor"
#endif
  }
  __builtin___clear_cache((char *)code, (char *)code + JUMPS * LINE);
  return (void (*)(void))code;
}

static void drive_out(void) {
  static void (*code)(void);
  static volatile char memory[MEMORY];
  if (!code) code = jumps();
  code();
  for (size_t place = 0; place < MEMORY; place += LINE) memory[place]++;
}

// Nanoseconds that all threads of a process have run.
static long running_time(int process) {
  char path[300];
  snprintf(path, sizeof path, "/proc/%d/task", process);
  DIR *threads = opendir(path);
  if (!threads) fail(path);
  long sum = 0;
  for (struct dirent *thread; (thread = readdir(threads));) {
    if (thread->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", process, thread->d_name);
    FILE *file = fopen(path, "r");
    long time = 0;
    if (file && fscanf(file, "%ld", &time) == 1) sum += time;
    if (file) fclose(file);
  }
  closedir(threads);
  return sum;
}

static int dial(int port) {
  int descriptor = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return descriptor;
}

static void say(int descriptor, const char *text) {
  size_t length = strlen(text);
  if (send(descriptor, text, length, MSG_NOSIGNAL) != (ssize_t)length) fail("send");
}

static void read_until(int descriptor, const char *end) {
  char text[16384];
  size_t length = 0;
  do {
    ssize_t count = recv(descriptor, text + length, sizeof text - 1 - length, 0);
    if (count <= 0) fail("recv");
    text[length += count] = 0;
  } while (!strstr(text, end) && length < sizeof text - 1);
}

static void subscribe(struct hub *hub, int count) {
  char request[256];
  hub->subscribers = calloc(count, sizeof *hub->subscribers);
  for (int topic = 0; topic < count; topic++) {
    hub->subscribers[topic] = dial(hub->port);
    snprintf(request, sizeof request, "GET /sub/%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n\r\n",
             topic, hub->port);
    say(hub->subscribers[topic], request);
    read_until(hub->subscribers[topic], "\r\n\r\n");
  }
  hub->publisher = dial(hub->port);
}

static double publish(struct hub *hub, int topic, int number) {
  char body[128], request[512];
  snprintf(body, sizeof body, "{\"time\":1764340000.123456,\"n\":%d}", number);
  snprintf(request, sizeof request,
           "POST /pub/%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
           topic, hub->port, strlen(body), body);
  usleep(300);
  long start = running_time(hub->process);
  drive_out();
  say(hub->publisher, request);
  read_until(hub->subscribers[topic], "\n\n");
  read_until(hub->publisher, "\r\n\r\n");
  // It goes to sleep.
  usleep(200);
  return (running_time(hub->process) - start) / 1000.0;
}

static int by_value(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments) {
  int hubs = count - 3, subscribers = count > 3 ? atoi(arguments[1]) : 0, batches = count > 3 ? atoi(arguments[2]) / BATCH : 0;
  if (hubs < 1 || hubs > MOST || subscribers < 1 || batches < 1) return 64;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  struct hub hub[MOST];
  for (int place = 0; place < hubs; place++) {
    if (sscanf(arguments[3 + place], "%d:%d", &hub[place].process, &hub[place].port) != 2) return 64;
    hub[place].batches = calloc(batches + 1, sizeof(double));
    subscribe(&hub[place], subscribers);
  }
  // The first batch is for what comes up once.
  for (int number = 0, order[MOST]; number < (batches + 1) * BATCH; number++) {
    for (int place = 0; place < hubs; place++) {
      int other = rand() % (place + 1);
      order[place] = order[other];
      order[other] = place;
    }
    for (int place = 0; place < hubs; place++)
      hub[order[place]].batches[number / BATCH] += publish(&hub[order[place]], number * 7919 % subscribers, number) / BATCH;
  }
  for (int place = 0; place < hubs; place++) {
    qsort(hub[place].batches + 1, batches, sizeof(double), by_value);
    printf("%s %.2f\n", arguments[3 + place], hub[place].batches[1 + batches / 2]);
  }
}
