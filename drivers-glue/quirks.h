/* SPDX-License-Identifier: BSD-3-Clause */
/* quirks: what a DPDK driver does differently, one row for each driver.
 *
 * This table is the only place that knows a driver by its name. A driver without a row does
 * what its ethdev says of itself.
 *
 * Threads    any: the table is constant.
 * Memory     none.
 * Errors     none: a driver that has no row gets one in which nothing is set.
 * DPDK       not needed, so that a command line is judged before EAL starts.
 */
#ifndef DRIVERS_GLUE_QUIRKS_H
#define DRIVERS_GLUE_QUIRKS_H

#include <stdbool.h>

struct quirks {
	const char *driver;      /* rte_eth_dev_info.driver_name */
	bool software_checksums; /* the driver's offload is a loop, no faster than ours */
	bool no_rss;             /* the driver takes RSS to mean something else */
	bool shared_mac;         /* both ends of its wire have the MAC that the device tells */
	bool kernel_end;         /* the other end of its wire is a network device here */
	bool queues_in_one_message; /* the files of all queues go into one EAL message */
	bool has_members;           /* it learns of its member devices when it is configured */
	bool tap_arguments;         /* iface=NAME and its like; needs /dev/net/tun */
	bool needs_root;            /* CAP_NET_ADMIN */
	bool other_plugin;          /* DPDK's plug-in has another name than the driver */
	const char *spreading;      /* what spreads flows over N queues without RSS */
	const char *overload;       /* what happens to a packet that finds no room */
};

/* The row of a driver. NULL is a driver without a name. Never NULL. */
const struct quirks *quirks_of(const char *driver);
/* The row of a virtual device ("net_tap0,iface=hf0"), by the longest driver name that it
 * begins with, as EAL finds it. Never NULL. */
const struct quirks *quirks_of_vdev(const char *vdev);
/* The i-th row, NULL past the last. */
const struct quirks *quirks_at(unsigned i);

#endif
