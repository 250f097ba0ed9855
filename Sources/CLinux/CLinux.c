#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include "CLinux.h"

int CLinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int CLinux_pipe(int ends[2]) { return pipe2(ends, O_NONBLOCK | O_CLOEXEC); }

void CLinux_keep_little_memory(void) {
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  mallopt(M_ARENA_MAX, 2);
}

int CLinux_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int CLinux_thread_id(void) {
  static __thread int id;
  if (id == 0) id = gettid();
  return id;
}

int CLinux_next_option(int count, char *const *words, const char *letters, const struct option *options, int restart,
                       const char **argument, int *next_index, int *letter) {
  // 0 and not 1: it also forgets where in a word it was (getopt(3), "Notes").
  if (restart) optind = 0;
  opterr = 0;
  int result = getopt_long(count, words, letters, options, 0);
  *argument = optarg;
  *next_index = optind;
  *letter = optopt;
  return result;
}
