/* SPDX-License-Identifier: BSD-3-Clause */
#include "port.h"

#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

/* As many as a core's own stack of free packets may hold. Cached packets are
 * taken again first, so a small set of them stays in the CPU's cache. */
static unsigned
cache_size(unsigned n)
{
	unsigned most = (unsigned)RTE_MEMPOOL_CACHE_MAX_SIZE;

	return RTE_MIN(most, n / 4);
}

struct rte_mempool *
port_pool(unsigned lcore, unsigned n)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *pool;

	snprintf(name, sizeof(name), "packets_%u", lcore);
	pool = rte_pktmbuf_pool_create(name, n, cache_size(n), 0, RTE_MBUF_DEFAULT_BUF_SIZE,
	        (int)rte_lcore_to_socket_id(lcore));
	if (pool == NULL) {
		fprintf(stderr,
		        "lcore %u: no memory for %u packets (%u MiB): %s; give EAL more: "
		        "`--no-huge -m %u`, or reserve hugepages: "
		        "`echo %u > /proc/sys/vm/nr_hugepages`\n",
		        lcore, n, n / 400 + 1, strerror(rte_errno), 2 * (n / 400 + 1) + 64,
		        n / 400 + 64);
	}
	return pool;
}
