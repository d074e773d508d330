/* SPDX-License-Identifier: BSD-3-Clause */
/* ports.h: the network devices that an engine polls.
 *
 * Threads    the thread that started EAL.
 * Ownership  what is handed in is copied.
 * Memory     none of the caller's is kept.
 * Errors     0 or -errno.
 * Bounds     HF_PORTS ports of an engine.
 * Calls back?              no.
 * May end the connection?  no.
 */
#ifndef HANDFAST_PORTS_H
#define HANDFAST_PORTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define HF_PORTS 32

/* One device and its addresses. Addresses are IPv4 in network byte order. */
struct hf_port_conf {
	uint16_t id;      /* DPDK's number of the device; hf_port_find() tells it */
	uint32_t addr;    /* the port's own address; 0: the port is opened and left alone */
	uint32_t netmask; /* what is on the link: a row of ones from the left, then zeroes */
	uint32_t gateway; /* the next hop to all other addresses, which need not be inside the
	                     netmask; 0: there is none */
};

/* How many devices EAL has found. */
unsigned hf_port_count(void);
/* The number of the device with DPDK's name, "net_tap0" or "0000:03:00.0". -ENODEV: EAL has
 * none of that name. */
int hf_port_find(const char *name, uint16_t *id);
/* DPDK's name of a device, at most `size` bytes with the final zero. -ENODEV: there is no such
 * device; -ENOSPC: the name is longer. */
int hf_port_name(uint16_t id, char *name, size_t size);
/* How many queue pairs, and so workers, a device can have. 0: there is no such device. */
unsigned hf_port_queues(uint16_t id);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
