/* SPDX-License-Identifier: BSD-3-Clause */
/* thread: for what may have to wait for somebody: a disk, a terminal, a pipe.
 *
 * It runs off the lcores' CPUs where the process has others, and takes no signals but
 * THREAD_WAKE: they are the main core's, whose poll() is to come back.
 */
#ifndef ENGINE_THREAD_H
#define ENGINE_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#define THREAD_WAKE SIGURG /* nobody else's, and ignored unless it is caught */

/* EAL is up. 0 or an errno, positive. */
int thread_create(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg);
/* Join it, when *done, or make that it is: system calls in which it hangs fail with EINTR
 * (again and again, for one may come just behind a signal), and fn is to end then. */
void thread_end(pthread_t t, const bool *done);

#endif
