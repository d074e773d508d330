/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums and differences of counters. */
#include "base/counters.h"

void
counters_sum(struct counters *sum, const struct counters *one)
{
#define X(name, text) sum->name += counter_read(&one->name);
	COUNTERS(X)
#undef X
	for (unsigned i = 0; i < DROP_COUNT; i++)
		sum->drop[i] += counter_read(&one->drop[i]);
}

void
counters_subtract(struct counters *now, const struct counters *then)
{
#define X(name, text) now->name -= then->name;
	COUNTERS(X)
#undef X
	for (unsigned i = 0; i < DROP_COUNT; i++)
		now->drop[i] -= then->drop[i];
}
