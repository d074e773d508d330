/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls that threads ask a worker to make. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "engine/posts.h"

#define WRITERS   3
#define EACH      20000
#define CORE      ((struct hf_core *)(void *)&core)
#define NUMBER(n) ((void *)(uintptr_t)(n))

static char core;
static struct posts posts;

static unsigned ncalled;
static uintptr_t called[2 * POSTS_MAX];

static void
note(struct hf_core *h, void *arg)
{
	cr_assert_eq(h, CORE);
	called[ncalled++] = (uintptr_t)arg;
}

Test(engine_posts, functions_are_called_in_their_order_and_once)
{
	for (uintptr_t i = 0; i < 10; i++)
		cr_expect_eq(posts_put(&posts, note, NUMBER(i)), 0);
	cr_expect_eq(posts_run(&posts, CORE, 7), 7u, "no more than were asked for");
	cr_expect_eq(posts_run(&posts, CORE, 7), 3u);
	cr_expect_eq(posts_run(&posts, CORE, 7), 0u);
	cr_assert_eq(ncalled, 10u);
	for (uintptr_t i = 0; i < 10; i++)
		cr_expect_eq(called[i], i);
}

/* Lap after lap: a place that was used is free again. */
Test(engine_posts, a_full_queue_refuses_and_loses_nothing)
{
	for (unsigned lap = 0; lap < 3; lap++) {
		ncalled = 0;
		for (uintptr_t i = 0; i < POSTS_MAX; i++)
			cr_assert_eq(posts_put(&posts, note, NUMBER(i)), 0);
		cr_expect_eq(posts_put(&posts, note, NULL), -EAGAIN);
		cr_expect_eq(posts_run(&posts, CORE, 1), 1u);
		cr_expect_eq(posts_put(&posts, note, NUMBER(POSTS_MAX)), 0);
		cr_expect_eq(posts_put(&posts, note, NULL), -EAGAIN);
		cr_expect_eq(posts_run(&posts, CORE, 2 * POSTS_MAX), (unsigned)POSTS_MAX);
		for (uintptr_t i = 0; i <= POSTS_MAX; i++)
			cr_expect_eq(called[i], i);
	}
}

static void
put_again(struct hf_core *h, void *arg)
{
	note(h, arg);
	cr_expect_eq(posts_put(&posts, put_again, arg), 0);
}

Test(engine_posts, a_function_that_posts_itself_has_an_end)
{
	cr_expect_eq(posts_put(&posts, put_again, NULL), 0);
	cr_expect_eq(posts_run(&posts, CORE, POSTS_AT_ONCE), (unsigned)POSTS_AT_ONCE);
	cr_expect_eq(ncalled, (unsigned)POSTS_AT_ONCE);
}

/* The last number that each writer's functions have told. */
static uint64_t told[WRITERS];
static bool in_order = true;

static void
hear(struct hf_core *h, void *arg)
{
	uintptr_t writer = (uintptr_t)arg % WRITERS, number = (uintptr_t)arg / WRITERS;

	(void)h;
	in_order = in_order && number == told[writer] + 1;
	told[writer] = number;
}

static void *
write_all(void *arg)
{
	for (uintptr_t i = 1; i <= EACH; i++) {
		while (posts_put(&posts, hear, NUMBER(i * WRITERS + (uintptr_t)arg)) != 0)
			sched_yield();
	}
	return NULL;
}

Test(engine_posts, threads_write_at_the_same_time)
{
	pthread_t thread[WRITERS];
	unsigned n = 0;

	for (uintptr_t i = 0; i < WRITERS; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, write_all, NUMBER(i)), 0);
	while (n < WRITERS * EACH) {
		unsigned ran = posts_run(&posts, CORE, POSTS_AT_ONCE);

		n += ran;
		if (ran == 0)
			sched_yield();
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		pthread_join(thread[i], NULL);
		cr_expect_eq(told[i], (uint64_t)EACH);
	}
	cr_expect(in_order);
	cr_expect_eq(posts_run(&posts, CORE, 1), 0u);
}
