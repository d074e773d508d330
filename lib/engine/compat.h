/* SPDX-License-Identifier: BSD-3-Clause */
/* compat: what DPDK 22.11, 23.11, 24.11 and 25.11 name differently.
 *
 * rte_pcapng: an interface must be added by hand from 23.03 on, copies carry a
 * comment from then on and no time stamp from 23.11 on, and statistics lost
 * their times there, too.
 * rte_ethdev: ports tell the function of their RSS hash from 23.11 on.
 */
#ifndef ENGINE_COMPAT_H
#define ENGINE_COMPAT_H

#include <rte_ethdev.h>
#include <rte_mbuf.h>
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

/* From 23.11 on the copy reads the clock itself, and the file knows when it was
 * opened. Before, the time of day that it makes of the TSC is centuries off:
 * the block's stamp (an Enhanced Packet Block's fourth and fifth word, in
 * nanoseconds) is written again. */
static inline struct rte_mbuf *
compat_pcapng_copy(uint16_t port, uint32_t queue, const struct rte_mbuf *m,
        struct rte_mempool *pool, uint64_t ns, enum rte_pcapng_direction way)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	(void)ns;
	return rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, way, NULL);
#else
	struct rte_mbuf *copy;
	uint32_t *block;

#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	copy = rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, 0, way, NULL);
#else
	copy = rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, 0, way);
#endif
	if (copy != NULL) {
		block = rte_pktmbuf_mtod(copy, uint32_t *);
		block[3] = (uint32_t)(ns >> 32);
		block[4] = (uint32_t)ns;
	}
	return copy;
#endif
}

/* Their block has a time, too, which cannot be mended before 23.11. */
static inline void
compat_pcapng_write_stats(rte_pcapng_t *file, uint16_t port, uint64_t received, uint64_t lost)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	rte_pcapng_write_stats(file, port, received, lost, NULL);
#else
	(void)file;
	(void)port;
	(void)received;
	(void)lost;
#endif
}

/* Before it was told, there was hardly another. */
static inline bool
compat_rss_is_toeplitz(const struct rte_eth_rss_conf *conf)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	return conf->algorithm == RTE_ETH_HASH_FUNCTION_DEFAULT ||
	       conf->algorithm == RTE_ETH_HASH_FUNCTION_TOEPLITZ;
#else
	(void)conf;
	return true;
#endif
}

#endif
