// What Swift's Glibc module does not show. No _GNU_SOURCE here: with it <sys/select.h> would define fd_set another way
// than Glibc's module does, which is a compile error as soon as both are seen.
#pragma once
#include <getopt.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

// accept4(2), non-blocking and close-on-exec: declared by the C library under _GNU_SOURCE only.
int CLinux_accept(int listener, struct sockaddr *address, socklen_t *length);
// pipe2(2), non-blocking and close-on-exec, for the same reason.
int CLinux_pipe(int ends[2]);
// mallopt(3): blocks of 256 KiB and more go back to the system when they are freed, and few arenas keep the rest. Glibc
// would raise the first limit to the largest block that was freed, and keep everything below it.
void CLinux_keep_little_memory(void);
// pthread_setname_np(3) for the calling thread.
int CLinux_set_thread_name(const char *name);
// gettid(2), asked once per thread.
int CLinux_thread_id(void);

// getopt_long(3) with what it leaves in globals, which Swift may not touch: the option's argument or NULL, and the index
// of the first word not yet read. `restart` begins a new list of words. One thread at a time.
int CLinux_next_option(int count, char *const *words, const char *letters, const struct option *options, int restart,
                       const char **argument, int *next_index, int *letter);
