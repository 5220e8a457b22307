#ifndef CBYTESCAN_SCAN_H
#define CBYTESCAN_SCAN_H

// What Swift 6.3 has no words for: to compare many bytes in one instruction and get a bit for each.

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
typedef char sse_bytes16 __attribute__((vector_size(16)));
#endif

// Bit i is set if bytes[i] is LF or CR, for 16 bytes.
static inline uint64_t sse_line_ends_16(const unsigned char *bytes) {
#if defined(__SSE2__)
  sse_bytes16 sixteen;
  memcpy(&sixteen, bytes, 16);
  return (uint16_t)__builtin_ia32_pmovmskb128((sixteen == '\n') | (sixteen == '\r'));
#else
  uint64_t ends = 0;
  for (int i = 0; i < 16; i++) ends |= (uint64_t)(bytes[i] == '\n' || bytes[i] == '\r') << i;
  return ends;
#endif
}

// The same for 64 bytes.
static inline uint64_t sse_line_ends_64(const unsigned char *bytes) {
  return sse_line_ends_16(bytes) | sse_line_ends_16(bytes + 16) << 16 | sse_line_ends_16(bytes + 32) << 32 |
         sse_line_ends_16(bytes + 48) << 48;
}

// The same for fewer than 64.
static inline uint64_t sse_line_ends(const unsigned char *bytes, long count) {
  uint64_t ends = 0;
  long i = 0;
  for (; i + 16 <= count; i += 16) ends |= sse_line_ends_16(bytes + i) << i;
  for (; i < count; i++) ends |= (uint64_t)(bytes[i] == '\n' || bytes[i] == '\r') << i;
  return ends;
}

// How many bytes there are before the first 64 that hold LF or CR, or that are not whole: 0, 64, 128 and so on. Need it not
// tell where, it takes two thirds of the time.
static inline long sse_skip_64s(const unsigned char *bytes, long count) {
  long i = 0;
#if defined(__SSE2__)
  for (; i + 64 <= count; i += 64) {
    sse_bytes16 sixteen, ends = {0};
    for (int j = 0; j < 64; j += 16) {
      memcpy(&sixteen, bytes + i + j, 16);
      ends |= (sixteen == '\n') | (sixteen == '\r');
    }
    if (__builtin_ia32_pmovmskb128(ends)) break;
  }
#endif
  return i;
}

// Whether one of the bytes is NUL; there are 16 at least.
static inline int sse_has_nul(const unsigned char *bytes, long count) {
#if defined(__SSE2__)
  sse_bytes16 sixteen, nul;
  memcpy(&sixteen, bytes + count - 16, 16);
  nul = sixteen == 0;
  for (long i = 0; i < count - 16; i += 16) {
    memcpy(&sixteen, bytes + i, 16);
    nul |= sixteen == 0;
  }
  return __builtin_ia32_pmovmskb128(nul) != 0;
#else
  return memchr(bytes, 0, count) != 0;
#endif
}

#endif
