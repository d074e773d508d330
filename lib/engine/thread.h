/* SPDX-License-Identifier: BSD-3-Clause */
/* thread: a thread for work that may have to wait: for a disk, a terminal, a pipe.
 *
 * It runs off the lcores' CPUs where the process has others. It takes no signal but
 * THREAD_WAKE: the others belong to the main core, whose poll() they end.
 *
 * Threads    the main core creates and ends threads.
 * Memory     the thread's stack.
 * Errors     0 or an errno, positive.
 * Bounds     thread_end() waits until *done: a millisecond for each system call in which the
 *            thread hangs.
 */
#ifndef ENGINE_THREAD_H
#define ENGINE_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#define THREAD_WAKE SIGURG /* unused otherwise, and ignored unless it is caught */

/* EAL has started. 0 or an errno, positive. */
int thread_create(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg);
/* Join the thread once *done is set. Until then its system calls fail with EINTR, again and
 * again, because one may begin just behind a signal. fn must end then. */
void thread_end(pthread_t t, const bool *done);

#endif
