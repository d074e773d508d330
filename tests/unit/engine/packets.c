/* SPDX-License-Identifier: BSD-3-Clause */
/* A pool of packet buffers for tests. */
#include "engine/packets.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

struct packets {
	struct rte_mempool pool;
	unsigned nfree;
	struct rte_mbuf *free[PACKETS];
	struct packet {
		struct rte_mbuf m;
		uint8_t bytes[PACKETS_ROOM];
	} packet[PACKETS];
};

static int
put(struct rte_mempool *mp, void *const *m, unsigned n)
{
	struct packets *p = mp->pool_data;

	cr_assert_leq(p->nfree + n, PACKETS, "freed twice");
	for (unsigned i = 0; i < n; i++)
		p->free[p->nfree++] = m[i];
	return 0;
}

static int
get(struct rte_mempool *mp, void **m, unsigned n)
{
	struct packets *p = mp->pool_data;

	if (n > p->nfree)
		return -ENOBUFS;
	for (unsigned i = 0; i < n; i++)
		m[i] = p->free[--p->nfree];
	return 0;
}

static int
nothing(struct rte_mempool *mp)
{
	(void)mp;
	return 0;
}

static unsigned
count(const struct rte_mempool *mp)
{
	return ((const struct packets *)mp->pool_data)->nfree;
}

static const struct rte_mempool_ops ops = {
        .name = "packets",
        .alloc = nothing,
        .enqueue = put,
        .dequeue = get,
        .get_count = count,
};
RTE_MEMPOOL_REGISTER_OPS(ops);

static int
ops_index(void)
{
	for (unsigned i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		if (strcmp(rte_mempool_ops_table.ops[i].name, ops.name) == 0)
			return (int)i;
	}
	abort();
}

struct packets *
packets_create(void)
{
	struct packets *p = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*p));

	memset(p, 0, sizeof(*p));
	p->pool.pool_data = p;
	p->pool.size = PACKETS;
	p->pool.ops_index = ops_index();
	for (unsigned i = 0; i < PACKETS; i++) {
		struct rte_mbuf *m = &p->packet[i].m;

		m->buf_addr = p->packet[i].bytes;
		m->buf_len = PACKETS_ROOM;
		m->pool = &p->pool;
		m->nb_segs = 1;
		rte_mbuf_refcnt_set(m, 1);
		p->free[p->nfree++] = m;
	}
	return p;
}

void
packets_destroy(struct packets *p)
{
	free(p);
}

struct rte_mempool *
packets_pool(struct packets *p)
{
	return &p->pool;
}

unsigned
packets_in_use(const struct packets *p)
{
	return PACKETS - p->nfree;
}

struct rte_mbuf *
packets_make(struct packets *p, const void *bytes, unsigned len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(&p->pool);

	cr_assert_not_null(m);
	memcpy(rte_pktmbuf_append(m, (uint16_t)len), bytes, len);
	return m;
}
