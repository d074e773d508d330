/* SPDX-License-Identifier: BSD-3-Clause */
/* port: an ethdev, opened so that the engine can poll it.
 *
 * One rx and one tx queue per worker. Asks the PMD what it can do, takes what
 * helps, and says in words what it cannot do and what is done instead.
 *
 * Errors  0 or -errno, with a message on stderr: what, why, the command that fixes it.
 */
#ifndef DRIVERS_GLUE_PORT_H
#define DRIVERS_GLUE_PORT_H

#include "engine/engine.h"

struct port_notes {
	unsigned n;
	char text[12][160]; /* "no RSS: the kernel spreads flows over the queues, ..." */
};

/* Open ethdev id with n queues on these pools (queue i from pool[i]). Fills
 * mac, mtu, offloads, rss and what is known of its table into out; the
 * addresses are the caller's to set. */
int port_open(uint16_t id, unsigned n, struct rte_mempool *const *pool, struct engine_port *out,
        struct port_notes *notes);
void port_close(uint16_t id);

/* A bond learns of its members when it is configured: have all of them do that, for n
 * queues, before it is decided which ports are to be opened. */
void port_gather_members(unsigned n);
/* Is it a member of a bond? Then it is the bond's, which polls it. */
bool port_is_member(uint16_t id);
/* How many queue pairs ethdev id can have. */
unsigned port_queues(uint16_t id);

/* A packet pool for one worker: n packets on the NUMA node of its lcore. */
struct rte_mempool *port_pool(unsigned lcore, unsigned n);
/* The same without a message, for who has a better one. */
struct rte_mempool *port_pool_try(unsigned lcore, unsigned n);
/* What the pools of so many workers take of EAL's memory. */
unsigned port_pool_mib(unsigned n, unsigned workers);
#define PORT_MORE_MEMORY 96
/* How EAL gets so much, in a command. */
const char *port_more_memory(unsigned mib, char text[PORT_MORE_MEMORY]);

/* What was said of a device while EAL started; "": nothing. */
typedef const char *(*port_said)(void *ctx, const char *device, char *text, size_t size);

/* Did every --vdev and -a of the command line become a port? EAL ignores a PCI
 * address that is not there. argc, argv as given to rte_eal_init(). Returns
 * how many are missing, each with a message that quotes what was said of it. */
unsigned port_check_devices(int argc, char *const *argv, port_said said, void *ctx);

#endif
