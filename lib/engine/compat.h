/* SPDX-License-Identifier: BSD-3-Clause */
/* compat: what DPDK 22.11, 23.11, 24.11 and 25.11 name differently.
 *
 * rte_pcapng: an interface must be added by hand from 23.03 on, copies carry a
 * comment from then on and the TSC for a time stamp from 23.11 on, and statistics lost
 * their times there, too.
 * rte_ethdev: ports tell the function of their RSS hash from 23.11 on, and a bond's ports
 * are its members from then on.
 */
#ifndef ENGINE_COMPAT_H
#define ENGINE_COMPAT_H

#include <rte_cycles.h>
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

/* What stands for a moment in a copy. From 23.11 on it is a TSC, of which the file, once
 * it is written, makes a time of day at the rate that EAL guessed, from its opening on:
 * one for which it comes out right. Before, it is the time of day. */
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

/* The block's stamp (an Enhanced Packet Block's fourth and fifth word) is written again:
 * from 23.11 on it is when the copy was made, and before, the time of day that rte_pcapng
 * makes of the TSC is centuries off. */
static inline struct rte_mbuf *
compat_pcapng_copy(uint16_t port, uint32_t queue, const struct rte_mbuf *m,
        struct rte_mempool *pool, uint64_t stamp, enum rte_pcapng_direction way)
{
	struct rte_mbuf *copy;
	uint32_t *block;

#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	copy = rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, way, NULL);
#elif RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	copy = rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, 0, way, NULL);
#else
	copy = rte_pcapng_copy(port, queue, m, pool, UINT32_MAX, 0, way);
#endif
	if (copy != NULL) {
		block = rte_pktmbuf_mtod(copy, uint32_t *);
		block[3] = (uint32_t)(stamp >> 32);
		block[4] = (uint32_t)stamp;
	}
	return copy;
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

#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
#define COMPAT_ETH_DEV_BOND_MEMBER RTE_ETH_DEV_BONDING_MEMBER
#else
#define COMPAT_ETH_DEV_BOND_MEMBER RTE_ETH_DEV_BONDED_SLAVE
#endif

#endif
