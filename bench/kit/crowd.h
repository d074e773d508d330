/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd: the peers of a victim's connections, a million of them if need be.
 *
 * They open their connections by whole handshakes, ask one thing and have it
 * answered, as honest clients do, and then say what they are told.
 *
 * Numbers  peer i has an address and port of its own, 65,536 networks in turn; its
 *          initial sequence number is i.
 * Memory   16 bytes for each peer.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "client_frames.h"
#include "victim.h"

#define CROWD_MOST (1u << 24)

struct crowd;

/* And the victim listens to them, with a service that answers each segment with a
 * byte. timestamps: they offer all that Linux offers. NULL: it has been said
 * why. */
struct crowd *crowd_create(struct victim *v, uint32_t n, bool timestamps);
void crowd_destroy(struct crowd *c);

/* Open them all, in this order. Returns the nanoseconds that the victim took; 0: not
 * all were opened, and it has been said on stderr. */
uint64_t crowd_open(struct crowd *c, const uint32_t *order);

/* What a peer's segment has beside its addresses. */
struct crowd_say {
	uint8_t flags;
	const char *text;    /* NULL: none */
	uint32_t sent;       /* sequence numbers used since the connection was opened */
	uint32_t beside_seq; /* crowd_write(): off the right ones by N */
	uint32_t beside_ack;
};

/* Such a segment from each of these, as fast as the victim takes them. Returns its
 * nanoseconds. */
uint64_t crowd_say(
        struct crowd *c, const struct crowd_say *say, const uint32_t *who, uint32_t n);

/* One at a time, into a packet that victim_room() lent: prepare, then write. */
void crowd_template(struct crowd *c, const struct crowd_say *say, struct template *t);
void crowd_write(struct crowd *c, const struct crowd_say *say, const struct template *t,
        uint32_t who, struct rte_mbuf *m);

/* The victim's end of a peer's connection, as long as it is open. */
struct hf_conn *crowd_conn(const struct crowd *c, uint32_t who);
/* Learn from what the victim has sent since the last look; returns how many frames. */
unsigned crowd_listen(struct crowd *c);
/* Also tell fn who was spoken to, what flags and how much text that segment had. */
typedef void (*crowd_heard_fn)(void *ctx, uint32_t who, uint8_t flags, uint32_t len);
void crowd_on_heard(struct crowd *c, crowd_heard_fn fn, void *ctx);

#endif
