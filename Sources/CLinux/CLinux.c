#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "CLinux.h"

int CLinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
  return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int CLinux_pipe(int ends[2]) { return pipe2(ends, O_NONBLOCK | O_CLOEXEC); }

int CLinux_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int CLinux_thread_id(void) {
  static __thread int id;
  if (id == 0) id = gettid();
  return id;
}
