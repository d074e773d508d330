/* SPDX-License-Identifier: BSD-3-Clause */
/* compat: names that differ between DPDK 22.11, 23.11, 24.11 and 25.11.
 *
 * rte_pcapng: from 23.03 on an interface must be added by hand and a copy takes a comment. From
 * 23.11 on the stamp of a copy is a TSC, and statistics take no times.
 * rte_ethdev: from 23.11 on a port tells the function of its RSS hash, and the ports of a bond
 * are called members.
 *
 * Threads    those of the functions wrapped. Memory: none. Errors: those of the functions
 * wrapped.
 */
#ifndef ENGINE_COMPAT_H
#define ENGINE_COMPAT_H

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pcapng.h>
#include <rte_version.h>

/* In 22.11 rte_pcapng writes an interface block for every port when it opens the file. */
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

/* The stamp of a copy for the time day_ns. Before 23.11 it is the time of day. From 23.11 on it
 * is a TSC. When the copy is written, rte_pcapng converts it into a time of day, at EAL's rate
 * and from the opening of the file on. This function inverts that conversion. */
static inline uint64_t
compat_pcapng_stamp(uint64_t open_tsc, uint64_t open_ns, uint64_t day_ns)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	uint64_t passed = day_ns > open_ns ? day_ns - open_ns : 0;

	return open_tsc + (uint64_t)((unsigned __int128)passed * rte_get_tsc_hz() / NS_PER_S);
#else
	(void)open_tsc;
	(void)open_ns;
	return day_ns;
#endif
}

/* Copy a packet and write the block's stamp again: words 4 and 5 of an Enhanced Packet Block.
 * From 23.11 on rte_pcapng stamps the time of the copy. Before, its time of day is centuries
 * off. */
static inline struct rte_mbuf *
compat_pcapng_copy(uint16_t port, uint32_t queue, const struct rte_mbuf *m,
        struct rte_mempool *pool, uint64_t stamp, enum rte_pcapng_direction direction)
{
	struct rte_mbuf *copy;
	uint32_t *block;

#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	copy = rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, direction, NULL);
#elif RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	copy = rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, 0, direction, NULL);
#else
	copy = rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, 0, direction);
#endif
	if (copy != NULL) {
		block = rte_pktmbuf_mtod(copy, uint32_t *);
		block[3] = (uint32_t)(stamp >> 32);
		block[4] = (uint32_t)stamp;
	}
	return copy;
}

/* No statistics before 23.11: their block has a wrong time that cannot be fixed. */
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

/* Before 23.11 ports do not tell. Hardly any uses another function. */
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

#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
#define COMPAT_ETH_DEV_BOND_MEMBER RTE_ETH_DEV_BONDING_MEMBER
#else
#define COMPAT_ETH_DEV_BOND_MEMBER RTE_ETH_DEV_BONDED_SLAVE
#endif

#endif
