/* SPDX-License-Identifier: BSD-3-Clause */
/* thread: for what may have to wait for somebody: a disk, a terminal, a pipe.
 *
 * It runs off the lcores' CPUs where the process has others, and takes no signals: they
 * are the main core's, whose poll() is to come back.
 */
#ifndef ENGINE_THREAD_H
#define ENGINE_THREAD_H

#include <pthread.h>

/* EAL is up. 0 or an errno, positive. */
int thread_create(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg);

#endif
