/* SPDX-License-Identifier: BSD-3-Clause */
/* steer: to which core will the answer come?
 *
 * A connection that we open should be answered on the core that opened it, so
 * its source port is chosen for that. With RSS the NIC hashes the answer's
 * addresses and ports (Toeplitz, a key that we have set) and looks the queue up
 * in a table that we have set. Without RSS the ports are dealt out to the cores
 * in turn, and a core that receives what another has opened hands it over.
 *
 * Threads  read-only once made; 13 KB, shared by all cores.
 */
#ifndef WIRE_STEER_H
#define WIRE_STEER_H

#include "wire/flow.h"

#define STEER_KEY_MAX  52
#define STEER_RETA_MAX 512

struct steer {
	unsigned cores; /* 0 or 1: everything comes to the only one */
	bool rss;
	bool l4; /* ports are part of the hash */
	unsigned reta_mask;
	uint16_t reta[STEER_RETA_MAX];
	uint32_t table[12][256]; /* of each byte of the key: what it adds to the hash */
};

void steer_init_ports(struct steer *s, unsigned cores);
/* reta_size: a power of two, at most STEER_RETA_MAX; key of at least 40 bytes. */
void steer_init_rss(struct steer *s, unsigned cores, const uint8_t *key, const uint16_t *reta,
        unsigned reta_size, bool l4);

/* The Toeplitz hash of a packet that arrives with k: source raddr:rport,
 * destination laddr:lport, in the order that NICs hash (addresses, ports). */
uint32_t steer_hash(const struct steer *s, const struct flow_key *k);
unsigned steer_core(const struct steer *s, const struct flow_key *k);

#endif
