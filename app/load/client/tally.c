/* SPDX-License-Identifier: BSD-3-Clause */
/* Adds up tallies, and publishes halts to other threads. */
#include "load/client/tally.h"

#include "base/counters.h"

const char *const load_error_names[LOAD_ERROR_COUNT] = {
#define X(name, text) [LOAD_ERROR_##name] = #name,
        LOAD_ERRORS(X)
#undef X
};

const char *const load_error_texts[LOAD_ERROR_COUNT] = {
#define X(name, text) [LOAD_ERROR_##name] = text,
        LOAD_ERRORS(X)
#undef X
};

void
load_tally_add(struct load_tally *into, const struct load_tally *one)
{
	into->intended += counter_read(&one->intended);
	into->attempted += counter_read(&one->attempted);
	into->connected += counter_read(&one->connected);
	into->completed += counter_read(&one->completed);
	into->requests += counter_read(&one->requests);
	into->text_in += counter_read(&one->text_in);
	into->window_completed += counter_read(&one->window_completed);
	into->window_requests += counter_read(&one->window_requests);
	into->window_due += counter_read(&one->window_due);
	into->window_due_attempted += counter_read(&one->window_due_attempted);
	into->window_due_completed += counter_read(&one->window_due_completed);
	into->window_due_failed += counter_read(&one->window_due_failed);
	into->window_due_no_source += counter_read(&one->window_due_no_source);
	into->window_due_requests += counter_read(&one->window_due_requests);
	into->put_off += counter_read(&one->put_off);
	into->closed_by_us += counter_read(&one->closed_by_us);
	into->closed_idle += counter_read(&one->closed_idle);
	into->away_us += counter_read(&one->away_us);
	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++)
		into->error[e] += counter_read(&one->error[e]);
	into->open += counter_read(&one->open);
	for (unsigned i = 0; i < STATUS_CODES; i++)
		into->status[i] += counter_read(&one->status[i]);
	histogram_merge(&into->connect, &one->connect);
	histogram_merge(&into->first_byte, &one->first_byte);
	histogram_merge(&into->whole, &one->whole);
	histogram_merge(&into->request, &one->request);
	histogram_merge(&into->lateness, &one->lateness);
	histogram_merge(&into->gaps, &one->gaps);
	trend_merge(&into->whole_trend, &one->whole_trend);
}

void
load_tally_failed(struct load_tally *t, enum load_error error, bool due_in_window)
{
	counter_add(&t->error[error], 1);
	if (!due_in_window || error == LOAD_ERROR_stopped)
		return;
	counter_add(&t->window_due_failed, 1);
	if (error == LOAD_ERROR_no_source)
		counter_add(&t->window_due_no_source, 1);
}

uint64_t
load_tally_errors(const struct load_tally *t)
{
	uint64_t sum = 0;

	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++)
		sum += counter_read(&t->error[e]);
	return sum;
}

void
load_tally_halted(struct load_tally *t, const struct load_halt *halt)
{
	struct load_halt *to = &t->halt;
	uint64_t version = to->version;

	__atomic_store_n(&to->version, version + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	__atomic_store_n(&to->from_us, halt->from_us, __ATOMIC_RELAXED);
	__atomic_store_n(&to->to_us, halt->to_us, __ATOMIC_RELAXED);
	__atomic_store_n(&to->attempted, halt->attempted, __ATOMIC_RELAXED);
	__atomic_store_n(&to->completed, halt->completed, __ATOMIC_RELAXED);
	__atomic_store_n(&to->open, halt->open, __ATOMIC_RELAXED);
	__atomic_store_n(&to->version, version + 2, __ATOMIC_RELEASE);
}

bool
load_tally_halt(const struct load_tally *t, struct load_halt *halt)
{
	const struct load_halt *from = &t->halt;

	halt->version = __atomic_load_n(&from->version, __ATOMIC_ACQUIRE);
	halt->from_us = counter_read(&from->from_us);
	halt->to_us = counter_read(&from->to_us);
	halt->attempted = counter_read(&from->attempted);
	halt->completed = counter_read(&from->completed);
	halt->open = counter_read(&from->open);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return halt->version != 0 && halt->version % 2 == 0 &&
	       __atomic_load_n(&from->version, __ATOMIC_RELAXED) == halt->version;
}
