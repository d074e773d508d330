/* SPDX-License-Identifier: BSD-3-Clause */
/* mem_port: an ethdev without a wire, for measuring one core alone.
 *
 * It does what a NIC's driver does with buffers, and nothing else: receiving
 * hands out packets that were written beforehand and takes fresh buffers from
 * the pool in their stead; transmitting keeps each frame until its slot comes
 * round again and then gives its buffer back to the pool, as one that has left.
 * So the buffers in use are as many as a NIC would have on its way.
 *
 * Threads    one thread polls it, writes what comes and reads what went.
 * Ownership  slots own their buffers; what mem_port_room() and mem_port_sent()
 *            return is borrowed. What is transmitted has no other owner.
 * Errors     NULL, with a message on stderr.
 */
#ifndef BENCH_MEM_PORT_H
#define BENCH_MEM_PORT_H

#include <stdint.h>

#include "engine/engine.h"

struct rte_mbuf;
struct mem_port;

struct mem_port_conf {
	struct rte_mempool *pool;
	unsigned rx_slots; /* powers of two */
	unsigned tx_slots;
	bool keep; /* a frame's slot is taken until mem_port_sent() has gone past it:
	              many slots do not make many packets, and none is forgotten */
};

/* *eth: the port as the engine wants it. */
struct mem_port *mem_port_create(const struct mem_port_conf *conf, struct engine_port *eth);
void mem_port_destroy(struct mem_port *p);

/* Close any port of rings, and forget it: its name may be used again. */
void mem_port_remove(uint16_t ethdev);

/* The i-th of the packets that may be written now; NULL: there are not so many.
 * The port offers the first n of them with mem_port_offer(). */
struct rte_mbuf *mem_port_room(struct mem_port *p, unsigned i);
void mem_port_offer(struct mem_port *p, unsigned n);
/* Packets that nobody has received yet. */
unsigned mem_port_waiting(const struct mem_port *p);

/* The next frame that was transmitted since the last look, good until the next
 * one; NULL: no more. What went beyond the number of slots in between has been
 * forgotten, unless the port keeps it. */
const struct rte_mbuf *mem_port_sent(struct mem_port *p);

#endif
