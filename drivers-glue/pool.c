/* SPDX-License-Identifier: BSD-3-Clause */
/* Pools of packet buffers, and the memory that they need. */
#include "port.h"

#include <stdio.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

/* The size of a core's own stack of free packets: the largest that the pool allows. Packets of
 * it are taken again first, so a small set of them stays in the CPU's cache. */
static unsigned
cache_size(unsigned n)
{
	unsigned most = (unsigned)RTE_MEMPOOL_CACHE_MAX_SIZE;

	return RTE_MIN(most, n / 4);
}

/* The first name that no pool has: workers of two engines may have the same lcore. */
static void
name_pool(char name[RTE_MEMPOOL_NAMESIZE], unsigned lcore)
{
	unsigned i = 0;

	do
		snprintf(name, RTE_MEMPOOL_NAMESIZE, "packets_%u_%u", lcore, i++);
	while (rte_mempool_lookup(name) != NULL);
}

struct rte_mempool *
port_pool_try(unsigned lcore, unsigned n)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	name_pool(name, lcore);
	return rte_pktmbuf_pool_create(name, n, cache_size(n), 0, RTE_MBUF_DEFAULT_BUF_SIZE,
	        (int)rte_lcore_to_socket_id(lcore));
}

/* A packet takes 2.4 KB: 2,048 bytes, headroom, struct rte_mbuf and the pool's header. None
 * lies across two pages, so a page of 4 KB holds one. */
unsigned
port_pool_mib(unsigned n, unsigned workers)
{
	return (n / (rte_eal_has_hugepages() ? 400 : 256) + 1) * workers;
}

const char *
port_more_memory(unsigned mib, char text[PORT_MORE_MEMORY])
{
	/* EAL cannot use all of it, and the ports need some. */
	unsigned more = (mib + mib / 3 + 64 + 127) / 128 * 128;

	if (rte_eal_has_hugepages())
		snprintf(text, PORT_MORE_MEMORY,
		        "echo %u > /proc/sys/vm/nr_hugepages (of 2 MB)", more / 2);
	else
		snprintf(text, PORT_MORE_MEMORY, "-m %u (EAL's option: more memory)", more);
	return text;
}

struct rte_mempool *
port_pool(unsigned lcore, unsigned n)
{
	struct rte_mempool *pool = port_pool_try(lcore, n);
	unsigned mib = port_pool_mib(n, 1);
	char more[PORT_MORE_MEMORY];

	if (pool == NULL)
		fprintf(stderr,
		        "lcore %u: EAL's memory has no room for %u packet buffers (%u MiB); %s\n",
		        lcore, n, mib, port_more_memory(mib, more));
	return pool;
}
