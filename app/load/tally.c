/* SPDX-License-Identifier: BSD-3-Clause */
#include "load/tally.h"

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
	into->put_off += counter_read(&one->put_off);
	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++)
		into->error[e] += counter_read(&one->error[e]);
	into->open += counter_read(&one->open);
	for (unsigned i = 0; i < STATUS_CODES; i++)
		into->status[i] += counter_read(&one->status[i]);
	histogram_merge(&into->connect, &one->connect);
	histogram_merge(&into->first_byte, &one->first_byte);
	histogram_merge(&into->whole, &one->whole);
	histogram_merge(&into->request, &one->request);
}

uint64_t
load_tally_errors(const struct load_tally *t)
{
	uint64_t sum = 0;

	for (unsigned e = 0; e < LOAD_ERROR_COUNT; e++)
		sum += counter_read(&t->error[e]);
	return sum;
}
