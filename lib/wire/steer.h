/* SPDX-License-Identifier: BSD-3-Clause */
/* steer: the core to which the answers of a connection will come.
 *
 * A connection that we open should be answered on the core that opened it. Its source port
 * is chosen for that. With RSS the NIC hashes the addresses and ports of the answer
 * (Toeplitz, with our key) and finds the queue in our table. Without RSS the ports are
 * dealt to the cores in turn. A core that receives a segment of another core's connection
 * hands it over.
 *
 * Threads  shared by all cores, read-only after steer_init_*().
 * Memory   13 KB; nothing is allocated.
 * Errors   none; a table size that is no power of two is a bug (assert).
 */
#ifndef WIRE_STEER_H
#define WIRE_STEER_H

#include "wire/flow.h"

#define STEER_KEY_MAX  52
#define STEER_RETA_MAX 512

struct steer {
	unsigned cores; /* 0 or 1: every segment comes to the only core */
	bool rss;
	bool l4; /* ports are part of the hash */
	unsigned reta_mask;
	uint16_t reta[STEER_RETA_MAX];
	uint32_t table[12][256]; /* for each byte of the key: the bits that it adds */
};

void steer_init_ports(struct steer *s, unsigned cores);
/* reta_size: a power of two, at most STEER_RETA_MAX. key: at least 40 bytes. */
void steer_init_rss(struct steer *s, unsigned cores, const uint8_t *key, const uint16_t *reta,
        unsigned reta_size, bool l4);

/* The Toeplitz hash of a packet that arrives with k: source raddr:rport, destination
 * laddr:lport, in the order that NICs hash (addresses, then ports). */
uint32_t steer_hash(const struct steer *s, const struct flow_key *k);
/* The core that will receive a packet with k. */
unsigned steer_core(const struct steer *s, const struct flow_key *k);

#endif
