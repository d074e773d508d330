/* SPDX-License-Identifier: BSD-3-Clause */
#include "aside.h"

#include <errno.h>
#include <time.h>

#include "engine/thread.h"

#define NAP_NS  50000
#define MOST_US 2000000

struct job {
	int (*fn)(void *arg);
	void *arg;
	int rc;
	bool done;
};

static void *
work(void *job)
{
	struct job *j = job;

	j->rc = j->fn(j->arg);
	__atomic_store_n(&j->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* False: it takes too long. */
static bool
is_done(struct app *app, const struct job *j)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	uint64_t since_us = app_now_us();

	while (!__atomic_load_n(&j->done, __ATOMIC_ACQUIRE)) {
		if (signals_seen() == 0)
			since_us = app_now_us();
		else if (app_now_us() - since_us >= MOST_US)
			return false;
		if (!app_running(app) || !engine_poll(app->engine))
			nanosleep(&nap, NULL);
	}
	return true;
}

int
aside_do(struct app *app, int (*fn)(void *arg), void *arg)
{
	struct job j = {.fn = fn, .arg = arg, .rc = -EINTR};
	pthread_t t;

	if (thread_create(&t, "hf-aside", work, &j) != 0)
		return fn(arg);
	if (!is_done(app, &j))
		pthread_cancel(t);
	pthread_join(t, NULL);
	return j.rc;
}
