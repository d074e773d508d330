/* SPDX-License-Identifier: BSD-3-Clause */
/* port: an ethdev, opened so that the engine can poll it.
 *
 * One receive and one transmit queue for each worker. port_open() asks the driver for its
 * features, uses those that help, and notes in words what is missing and what is done instead.
 *
 * Threads    the main core.
 * Ownership  the caller owns ports and pools: port_close(), rte_mempool_free().
 * Memory     EAL's.
 * Errors     0 or -errno, with a message on stderr: what fails, why, the command that fixes it.
 * Bounds     12 notes for each port.
 */
#ifndef DRIVERS_GLUE_PORT_H
#define DRIVERS_GLUE_PORT_H

#include "engine/engine.h"

struct port_notes {
	unsigned n;
	char text[12][160]; /* "no RSS: the kernel spreads flows over the queues, ..." */
};

/* Open ethdev id with n queues; queue i takes packets from pool[i]. out gets MAC, MTU, offloads
 * and RSS, with the table if it is known. The caller sets the addresses. notes may be NULL. */
int port_open(uint16_t id, unsigned n, struct rte_mempool *const *pool, struct engine_port *out,
        struct port_notes *notes);
void port_close(uint16_t id);

/* Configure all bonds for n queues. A bond learns of its members when it is configured, and
 * members must be known before ports are chosen. */
void port_gather_members(unsigned n);
/* Is the port a member of a bond? Then the bond polls it. */
bool port_is_member(uint16_t id);
/* The number of queue pairs that ethdev id can have. */
unsigned port_queues(uint16_t id);

/* A packet pool for one worker: n packets on the NUMA node of its lcore. */
struct rte_mempool *port_pool(unsigned lcore, unsigned n);
/* The same without a message, for a caller that has a better one. */
struct rte_mempool *port_pool_try(unsigned lcore, unsigned n);
/* The part of EAL's memory that the pools of these workers take. */
unsigned port_pool_mib(unsigned n, unsigned workers);
#define PORT_MORE_MEMORY 96
/* The command that gives EAL this much more memory. */
const char *port_more_memory(unsigned mib, char text[PORT_MORE_MEMORY]);

/* The words of EAL and drivers about a device while EAL started. "": none. */
typedef const char *(*port_said)(void *ctx, const char *device, char *text, size_t size);

/* Did every --vdev and -a of the command line become a port? EAL ignores a PCI address without
 * a device. argc, argv: those of rte_eal_init(). Returns the number of missing ports. Each has
 * a message that quotes the words about it. */
unsigned port_check_devices(int argc, char *const *argv, port_said said, void *ctx);

#endif
