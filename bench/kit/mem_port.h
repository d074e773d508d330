/* SPDX-License-Identifier: BSD-3-Clause */
/* mem_port: an ethdev without a wire, for measuring one core alone.
 *
 * The port handles buffers as a NIC's driver does, and does nothing else. Receiving hands
 * out packets that were written beforehand, and replaces them by fresh buffers from the
 * pool. Transmitting keeps each frame until its slot is needed again, and then returns the
 * frame's buffer to the pool, as a NIC does with a packet that has left. So the port keeps
 * as many buffers in use as a NIC.
 *
 * Threads    one thread polls the port, writes the arriving packets and reads the sent ones.
 * Ownership  slots own their buffers. The caller borrows the packets that mem_port_room()
 *            and mem_port_sent() return. A transmitted packet has no other owner.
 * Memory     the slots, at creation. A receive slot has a packet from the start, and so has
 *            a transmit slot unless `keep` is set.
 * Errors     NULL, with a message on stderr.
 * Bounds     the numbers of slots, which are powers of two.
 */
#ifndef BENCH_MEM_PORT_H
#define BENCH_MEM_PORT_H

#include <stdint.h>

#include "engine/engine.h"

struct rte_mbuf;
struct mem_port;

struct mem_port_conf {
	struct rte_mempool *pool;
	unsigned rx_slots; /* a power of two */
	unsigned tx_slots; /* a power of two */
	bool keep; /* a frame occupies its slot until mem_port_sent() has gone past it, so that
	              empty slots need no packet and no frame is forgotten */
};

/* Fills in *eth, the description of the port for the engine. */
struct mem_port *mem_port_create(const struct mem_port_conf *conf, struct engine_port *eth);
void mem_port_destroy(struct mem_port *p);

/* Closes and removes any port of rings. Its name is then free. */
void mem_port_remove(uint16_t ethdev);

/* The i-th of the packets that may be written now; NULL: i or fewer may be written. The
 * caller offers the first n of them with mem_port_offer(). */
struct rte_mbuf *mem_port_room(struct mem_port *p, unsigned i);
void mem_port_offer(struct mem_port *p, unsigned n);
/* Packets that were offered and have not been received. */
unsigned mem_port_waiting(const struct mem_port *p);

/* The next transmitted frame, valid until the next call; NULL: no more. The port forgets the
 * oldest frames when more were transmitted between two calls than there are slots, unless
 * `keep` is set. */
const struct rte_mbuf *mem_port_sent(struct mem_port *p);

#endif
