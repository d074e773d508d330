/* SPDX-License-Identifier: BSD-3-Clause */
/* The names of the counters, and their sum over cores. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/counters.h"

#define FIELDS (sizeof(struct counters) / sizeof(uint64_t))

/* Each counter gets a value of its own, so that a forgotten or swapped one shows. */
static struct counters
numbered(uint64_t step)
{
	struct counters c;
	uint64_t v[FIELDS];

	for (unsigned i = 0; i < FIELDS; i++)
		v[i] = (i + 1) * step;
	memcpy(&c, v, sizeof(c));
	return c;
}

Test(counters, sum_adds_every_counter_of_each_core)
{
	struct counters sum = {0}, a = numbered(1), b = numbered(1000), want = numbered(1001);

	counters_sum(&sum, &a);
	counters_sum(&sum, &b);

	cr_expect_arr_eq(&sum, &want, sizeof(sum));
}

Test(counters, subtract_leaves_what_came_since)
{
	struct counters now = numbered(1001), then = numbered(1), want = numbered(1000);

	counters_subtract(&now, &then);

	cr_expect_arr_eq(&now, &want, sizeof(now));
}

Test(counters, drop_counts_at_its_reason)
{
	struct counters c = {0};

	counter_drop(&c, DROP_TCP_CHECKSUM);
	counter_drop(&c, DROP_TCP_CHECKSUM);
	counter_add(&c.rx_bytes, 60);

	for (unsigned i = 0; i < DROP_COUNT; i++)
		cr_expect_eq(counter_read(&c.drop[i]), i == DROP_TCP_CHECKSUM ? 2u : 0u);
	cr_expect_eq(counter_read(&c.rx_bytes), 60u);
}
