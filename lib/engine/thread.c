/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <rte_lcore.h>
#include <rte_thread.h>
#include <rte_version.h>

#if RTE_VERSION >= RTE_VERSION_NUM(23, 7, 0, 0)

struct start {
	void *(*fn)(void *arg);
	void *arg;
};

static uint32_t
begin(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	s.fn(s.arg);
	return 0;
}

static int
create(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg)
{
	struct start *s = malloc(sizeof(*s));
	rte_thread_t made;
	int err;

	if (s == NULL)
		return ENOMEM;
	*s = (struct start) {fn, arg};
	err = rte_thread_create_control(&made, name, begin, s);
	if (err != 0)
		free(s);
	*t = (pthread_t)made.opaque_id;
	return err < 0 ? -err : err;
}

#else

static int
create(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg)
{
	return -rte_ctrl_thread_create(t, name, NULL, fn, arg);
}

#endif

int
thread_create(pthread_t *t, const char *name, void *(*fn)(void *arg), void *arg)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = create(t, name, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}
