/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd: the peers of a victim's connections, a million of them if need be.
 *
 * They open their connections by whole handshakes and then say what they are
 * told. Of each is remembered what it must acknowledge, and no more.
 *
 * Numbers  peer i has its own address and port; its initial sequence number is i.
 * Memory   8 bytes for each peer.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "victim.h"

struct crowd;

/* NULL: no memory. timestamps: they offer all that Linux offers. */
struct crowd *crowd_create(struct victim *v, uint32_t n, bool timestamps);
void crowd_destroy(struct crowd *c);

/* Open them all, in this order. Returns the cycles that the victim took; 0: not
 * all were opened, and it has been said on stderr. */
uint64_t crowd_open(struct crowd *c, const uint32_t *order);

/* What a peer's segment has beside its addresses. */
struct crowd_say {
	uint8_t flags;
	const char *text;    /* NULL: none */
	uint32_t sent;       /* sequence numbers used since the handshake's */
	uint32_t beside_seq; /* off the right ones by so much */
	uint32_t beside_ack;
};

/* Such a segment from each of these, as fast as the victim takes them. Returns its cycles. */
uint64_t crowd_say(
        struct crowd *c, const struct crowd_say *say, const uint32_t *who, uint32_t n);

/* One at a time, into a packet that victim_room() lent: prepare, then write. */
struct template;
void crowd_template(struct crowd *c, const struct crowd_say *say, struct template *t);
void crowd_write(struct crowd *c, const struct crowd_say *say, const struct template *t,
        uint32_t who, struct rte_mbuf *m);

/* Whose is this address and port? */
uint32_t crowd_index(be32 addr, be16 port);
/* Learn from what the victim has sent since the last look; returns how many frames. */
unsigned crowd_listen(struct crowd *c);
/* Also tell fn who was spoken to, what flags and how much text that segment had. */
typedef void (*crowd_heard_fn)(void *ctx, uint32_t who, uint8_t flags, uint32_t len);
void crowd_on_heard(struct crowd *c, crowd_heard_fn fn, void *ctx);

#endif
