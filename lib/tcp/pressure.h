/* SPDX-License-Identifier: BSD-3-Clause */
/* pressure: who goes when a newcomer that has completed its handshake finds no
 * connection record free (docs/decisions/0012-who-goes-first.md).
 *
 * Policy    in this order, and nobody else: orphans with nothing left to say;
 *           peers that have been silent since their handshake, first of those
 *           /24 that hold too many of such; peers that take nothing of what is
 *           queued for them. An idle connection that ever spoke is safe.
 * Shared    send descriptors and packet buffers are for all connections of a core.
 *           When somebody got none, who has them queued for a peer that takes
 *           nothing goes, too, and of the text that waits behind holes that goes whose
 *           peer has not moved on for longest.
 * Work      a hand goes round the records (as a clock does for pages). A call
 *           looks at PRESSURE_LOOK of them at the most, fruitless calls of one
 *           millisecond at PRESSURE_LOOK_PER_MS together.
 * Counting  silent connections per /24, in two rows of counters at secret
 *           places (a count-min sketch): never too few, seldom too many.
 * Events    pressure_make_room() ends connections: closed() comes, and may take
 *           what became free.
 */
#ifndef TCP_PRESSURE_H
#define TCP_PRESSURE_H

#include "base/drop.h"
#include "base/prf.h"
#include "tcp/conn.h"

struct tcp;

#define PRESSURE_LOOK        64
#define PRESSURE_LOOK_PER_MS 512
#define PRESSURE_BITS        11
#define PRESSURE_PREFIXES    (1u << PRESSURE_BITS)
#define PRESSURE_CAP_MIN     64   /* silent ones that any prefix may hold */
#define PRESSURE_SILENT_MS   1000 /* who is younger may be about to speak */
#define PRESSURE_STALLED     6    /* unanswered in vain: 12 s and more */

struct pressure {
	uint32_t hand;      /* the next record to look at */
	uint32_t ms;        /* in which ... */
	uint32_t fruitless; /* ... so many were looked at */
	bool want_send;     /* somebody got no descriptor, or no buffer */
	bool want_piece;    /* ... or could not keep what came out of order, ... */
	uint32_t wanted_by; /* and then last moved on */
	uint32_t cap;       /* silent ones of a prefix, once records are scarce */
	uint64_t multiplier[2];
	uint32_t silent[2][PRESSURE_PREFIXES];
};

void pressure_init(struct pressure *p, const struct prf *prf, uint32_t max_conns);

/* May k become a connection? DROP_PREFIX_CAP: its prefix has enough of silent
 * ones; the caller resets it, from the bucket, for its address is proved. */
enum drop pressure_admit(const struct tcp *t, const struct flow_key *k);

/* pool_take(&t->conns) found none: somebody goes. False: nobody deserves it. Take
 * again in any case where it says true, and bear that closed() was quicker. */
bool pressure_make_room(struct tcp *t);

/* c, or NULL, got no descriptor or no buffer for what it would send. */
void pressure_want_send(struct tcp *t, const struct tcp_conn *c);

/* No buffer is left to keep text of c's: somebody's text behind a hole is forgotten, of
 * those whose peer has moved on least lately, and less lately than c's. */
bool pressure_piece_room(struct tcp *t, const struct tcp_conn *c);

/* Once a turn: send descriptors and buffers, if somebody wanted one in vain. True if
 * anything was done. */
bool pressure_relieve(struct tcp *t);

/* A handshake is complete. Who was called by us is nobody's crowd. */
void pressure_established(struct tcp *t, struct tcp_conn *c);

void pressure_uncount(struct tcp *t, struct tcp_conn *c);

/* Text came in order, or some of ours was acknowledged. */
static inline void
pressure_proved(struct tcp *t, struct tcp_conn *c)
{
	if (c->silent)
		pressure_uncount(t, c);
}

#endif
