/* SPDX-License-Identifier: BSD-3-Clause */
/* crowd: the peers of a victim's connections, up to 16 million of them.
 *
 * The peers open their connections by whole handshakes, ask one question each and wait for
 * its answer, as honest clients do. Then they send the segments that the bench asks for.
 *
 * Threads    the measuring thread.
 * Ownership  the crowd borrows the victim, which must live longer.
 * Memory     16 bytes for each peer, at creation.
 * Errors     NULL or 0, with a message on stderr.
 * Bounds     CROWD_MOST peers.
 * Numbers    each peer has an address and port of its own; 65,536 networks take turns. The
 *            initial sequence number of peer i is i.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "client_frames.h"
#include "victim.h"

#define CROWD_MOST (1u << 24)

struct crowd;

/* Also makes the victim listen, with a service that answers each segment with a byte. With
 * `timestamps` the peers offer all options that Linux offers. */
struct crowd *crowd_create(struct victim *v, uint32_t n, bool timestamps);
void crowd_destroy(struct crowd *c);

/* Opens all connections in this order. Returns the nanoseconds that the victim took; 0: some
 * were not opened. */
uint64_t crowd_open(struct crowd *c, const uint32_t *order);

/* The content of a peer's segment, without its addresses. */
struct crowd_say {
	uint8_t flags;
	const char *text;    /* NULL: none */
	uint32_t sent;       /* sequence numbers used since the connection was opened */
	uint32_t beside_seq; /* crowd_write() adds this to the right sequence number */
	uint32_t beside_ack; /* crowd_write() adds this to the right acknowledgment number */
};

/* Sends such a segment from each of n peers, as fast as the victim takes them. Returns the
 * victim's nanoseconds. */
uint64_t crowd_say(
        struct crowd *c, const struct crowd_say *say, const uint32_t *who, uint32_t n);

/* For one segment at a time: crowd_template() prepares it, and crowd_write() writes it into a
 * packet that victim_room() lent. */
void crowd_template(struct crowd *c, const struct crowd_say *say, struct template *t);
void crowd_write(struct crowd *c, const struct crowd_say *say, const struct template *t,
        uint32_t who, struct rte_mbuf *m);

/* The victim's end of a peer's connection. It is valid while the connection is open. */
struct hf_conn *crowd_conn(const struct crowd *c, uint32_t who);
/* Updates the peers from the frames that the victim sent since the last call. Returns the
 * number of frames. */
unsigned crowd_listen(struct crowd *c);
/* Sets fn, which crowd_listen() also calls for each segment with the number of the peer, the
 * flags and the bytes of text. */
typedef void (*crowd_heard_fn)(void *ctx, uint32_t who, uint8_t flags, uint32_t len);
void crowd_on_heard(struct crowd *c, crowd_heard_fn fn, void *ctx);

#endif
