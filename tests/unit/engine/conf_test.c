/* SPDX-License-Identifier: BSD-3-Clause */
/* Configurations that engine_create() refuses before it makes anything. */
#include <criterion/criterion.h>
#include <errno.h>

#include <rte_mempool.h>

#include "engine/engine.h"

/* Without EAL there is no memory: a configuration that is not refused fails there. */
static int
create(uint32_t max_kept, uint32_t pool_size)
{
	struct rte_mempool pool = {.size = pool_size};
	struct engine_conf conf = {
	        .stack.max_kept = max_kept, .nports = 1, .nworkers = 1, .pool = {&pool}};
	struct engine *e;

	return engine_create(&e, &conf);
}

Test(engine_conf, half_of_a_pool_may_be_held_and_no_more)
{
	cr_expect_eq(create(500, 1000), -ENOMEM);
	cr_expect_eq(create(501, 1000), -EINVAL);
	cr_expect_eq(create(999, 1000), -EINVAL);
	cr_expect_eq(create(2048, 4095), -ENOMEM, "as pools are made");
	cr_expect_eq(create(2049, 4095), -EINVAL);
	cr_expect_eq(create(0, 16383), -ENOMEM, "the default");
	cr_expect_eq(create(0, 16381), -EINVAL);
	cr_expect_eq(create(UINT32_MAX, 4095), -EINVAL);
}
