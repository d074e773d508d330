/* SPDX-License-Identifier: BSD-3-Clause */
/* Timers that an application arms and stops. The stack calls them at the end of its turn. */
#include "api/private.h"

#include <errno.h>

#include "timer/heap.h"

int
hf_timer_arm(struct hf_core *h, struct hf_timer *timer, uint64_t us)
{
	struct tcp *t = core(h);
	uint64_t most = UINT64_MAX - t->now.us;

	if (timer->fn == NULL)
		return -EINVAL;
	if (heap_has(timer))
		heap_remove(&t->app_timers, timer);
	if (us == 0) /* the present turn would call it again and again */
		us = 1;
	timer->at_us = t->now.us + (us < most ? us : most);
	heap_put(&t->app_timers, timer);
	return 0;
}

bool
hf_timer_stop(struct hf_core *h, struct hf_timer *timer)
{
	if (!heap_has(timer))
		return false;
	heap_remove(&core(h)->app_timers, timer);
	return true;
}

bool
hf_timer_is_armed(const struct hf_timer *timer)
{
	return heap_has(timer);
}
