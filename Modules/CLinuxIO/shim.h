#ifndef CLINUXIO_SHIM_H
#define CLINUXIO_SHIM_H

// Swift's Glibc module leaves these three out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <sys/syscall.h>
#include <unistd.h>

// sched_getaffinity(2), whose declaration hides behind _GNU_SOURCE. Returns the bytes written, or -1.
static inline long sse_sched_getaffinity(unsigned long *set, unsigned long size) {
  return syscall(SYS_sched_getaffinity, 0, size, set);
}

#endif
