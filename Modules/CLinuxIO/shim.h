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

// accept4(2), hidden in the same way. The address is a struct sockaddr; sys/socket.h is left to who needs more of it.
static inline int sse_accept4(int listener, void *address, unsigned int *length, int flags) {
  return (int)syscall(SYS_accept4, listener, address, length, flags);
}

#endif
