/* SPDX-License-Identifier: BSD-3-Clause */
/* A function run on a thread of its own while the main core goes on polling. */
#include "program/aside.h"

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
run_job(void *job)
{
	struct job *j = job;

	j->rc = j->fn(j->arg);
	__atomic_store_n(&j->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Polls until the job is done, or until it takes too long. */
static void
wait_for_job(struct app *app, const struct job *j)
{
	const struct timespec nap = {.tv_nsec = NAP_NS};
	uint64_t since_us = app_now_us();

	while (!__atomic_load_n(&j->done, __ATOMIC_ACQUIRE)) {
		if (signals_seen() == 0)
			since_us = app_now_us();
		else if (app_now_us() - since_us >= MOST_US)
			return;
		if (!app_running(app) || !engine_poll(app->engine))
			nanosleep(&nap, NULL);
	}
}

int
aside_do(struct app *app, int (*fn)(void *arg), void *arg)
{
	struct job j = {.fn = fn, .arg = arg};
	pthread_t t;

	if (thread_create(&t, "hf-aside", run_job, &j) != 0)
		return fn(arg);
	wait_for_job(app, &j);
	thread_end(t, &j.done);
	return j.rc;
}
