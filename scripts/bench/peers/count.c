// The least that a client over libcurl does: a write callback that counts events. count URL
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct counter {
  long events;
  int line_is_empty;  // Nothing of the line that is being read has come yet.
};

static size_t count(char *bytes, size_t size, size_t number, void *context) {
  struct counter *counter = context;
  const char *position = bytes, *end = bytes + size * number;
  while (position < end) {
    const char *line_feed = memchr(position, '\n', end - position);
    if (!line_feed) {
      counter->line_is_empty = 0;
      break;
    }
    if (line_feed == position && counter->line_is_empty) counter->events++;
    counter->line_is_empty = 1;
    position = line_feed + 1;
  }
  return size * number;
}

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argument_count, char **arguments) {
  if (argument_count < 2) return 64;
  struct counter counter = {0, 1};
  double start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  curl_global_init(CURL_GLOBAL_ALL);
  CURL *transfer = curl_easy_init();
  curl_easy_setopt(transfer, CURLOPT_URL, arguments[1]);
  curl_easy_setopt(transfer, CURLOPT_PROXY, "");
  curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, count);
  curl_easy_setopt(transfer, CURLOPT_WRITEDATA, &counter);
  CURLcode result = curl_easy_perform(transfer);
  if (result != CURLE_OK) fprintf(stderr, "count: %s\n", curl_easy_strerror(result));
  printf("{\"events\": %ld, \"cpu\": %f, \"seconds\": %f}\n", counter.events, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu,
         seconds(CLOCK_MONOTONIC) - start);
  return result != CURLE_OK;
}
