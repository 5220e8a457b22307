#ifndef CLINUXIO_SHIM_H
#define CLINUXIO_SHIM_H

// Swift's Glibc module leaves these three out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#endif
