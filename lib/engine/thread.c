/* SPDX-License-Identifier: BSD-3-Clause */
/* Creates control threads with EAL, and ends them with a signal. */
#include "engine/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <rte_lcore.h>
#include <rte_thread.h>
#include <rte_version.h>

#if RTE_VERSION >= RTE_VERSION_NUM(23, 7, 0, 0)

struct start {
	void *(*fn)(void *arg);
	void *arg;
};

static uint32_t
thread_begin(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	s.fn(s.arg);
	return 0;
}

static int
thread_make(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg)
{
	struct start *s = malloc(sizeof(*s));
	rte_thread_t made;
	int err;

	if (s == NULL)
		return ENOMEM;
	*s = (struct start) {fn, arg};
	err = rte_thread_create_control(&made, name, thread_begin, s);
	if (err != 0)
		free(s);
	*t = (pthread_t)made.opaque_id;
	return err < 0 ? -err : err;
}

#else

static int
thread_make(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg)
{
	return -rte_ctrl_thread_create(t, name, NULL, fn, arg);
}

#endif

static void
ignore_signal(int number)
{
	(void)number;
}

int
thread_create(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg)
{
	const struct sigaction wake = {.sa_handler = ignore_signal}; /* no SA_RESTART */
	sigset_t all, before;
	int err;

	sigaction(THREAD_WAKE, &wake, NULL);
	sigfillset(&all);
	sigdelset(&all, THREAD_WAKE);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = thread_make(t, name, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

void
thread_end(pthread_t t, const bool *done)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	while (!__atomic_load_n(done, __ATOMIC_ACQUIRE)) {
		pthread_kill(t, THREAD_WAKE);
		nanosleep(&nap, NULL);
	}
	pthread_join(t, NULL);
}
