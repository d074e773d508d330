/* SPDX-License-Identifier: BSD-3-Clause */
/* compat: what DPDK 22.11, 23.11, 24.11 and 25.11 name differently.
 *
 * rte_pcapng is the only library that we use and that changed: an interface
 * must be added by hand from 23.03 on, copies carry a comment from then on and
 * no time stamp from 23.11 on, and statistics lost their times there too.
 */
#ifndef ENGINE_COMPAT_H
#define ENGINE_COMPAT_H

#include <rte_pcapng.h>
#include <rte_version.h>

/* 22.11 writes an interface block for every port when the file is opened. */
static inline int
compat_pcapng_add_interface(rte_pcapng_t *file, uint16_t port)
{
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
	return rte_pcapng_add_interface(file, port, 1 /* Ethernet */, NULL, NULL, NULL);
#elif RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_pcapng_add_interface(file, port, NULL, NULL, NULL);
#else
	(void)file;
	(void)port;
	return 0;
#endif
}

/* From 23.11 on the copy reads the clock itself. */
static inline struct rte_mbuf *
compat_pcapng_copy(uint16_t port, uint32_t queue, const struct rte_mbuf *m,
	struct rte_mempool *pool, uint64_t tsc, enum rte_pcapng_direction way)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	(void)tsc;
	return rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, way, NULL);
#elif RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, tsc, way, NULL);
#else
	return rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, tsc, way);
#endif
}

static inline ssize_t
compat_pcapng_write_stats(rte_pcapng_t *file, uint16_t port, uint64_t received, uint64_t lost)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	return rte_pcapng_write_stats(file, port, received, lost, NULL);
#else
	return rte_pcapng_write_stats(file, port, NULL, 0, 0, received, lost);
#endif
}

#endif
