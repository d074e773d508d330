/* SPDX-License-Identifier: BSD-3-Clause */
/* pressure: who goes when a newcomer that has completed its handshake finds no
 * connection record free (docs/decisions/0012-eviction.md).
 *
 * Policy    in this order: orphans that have nothing left to say, or whose peer does
 *           not answer; those of an address or a /24 that holds too many, if they
 *           pause; peers that have been silent since their handshake; peers that take
 *           nothing of what is queued for them; and the one that has been idle for
 *           longest. Orphans and peers that take nothing apart, whoever made progress
 *           within PRESSURE_IDLE_MS (in a crowd, PRESSURE_PAUSE_MS) is safe, and so is
 *           what we opened.
 * Crowds    once records are scarce, an address or a /24 over its cap gets no
 *           further ones: its newcomers take the place of its own, or are refused.
 * Shared    send descriptors and packet buffers are for all connections of a core.
 *           When somebody got none, those go, too, that have them queued for a peer
 *           which keeps its window shut, and of the text that waits behind holes that
 *           goes whose peer has not moved on for longest.
 * Work      a hand goes round the records (as a clock does for pages). A call
 *           looks at PRESSURE_LOOK of them at the most, fruitless calls of one
 *           millisecond at PRESSURE_LOOK_PER_MS together, those for newcomers of
 *           crowds at a quarter as many beside that.
 * Events    pressure_make_room(), pressure_admit() and pressure_relieve() end
 *           connections: closed() comes, and may take what became free.
 */
#ifndef TCP_PRESSURE_H
#define TCP_PRESSURE_H

#include "base/drop.h"
#include "tcp/conn.h"
#include "tcp/crowd.h"

struct tcp;

#define PRESSURE_LOOK        64
#define PRESSURE_LOOK_PER_MS 512
#define PRESSURE_SILENT_MS   1000 /* who is younger may be about to speak */
#define PRESSURE_STALLED     6    /* retransmissions, or probes: 12 s and more */
#define PRESSURE_PAUSE_MS    1000 /* of one in a crowd that may be missed */
#define PRESSURE_IDLE_MS                                             \
	5000 /* ... and of anybody: longer than a round trip, a lost \
	        segment and some thought between two of them */

struct pressure {
	uint32_t hand;            /* the next record to look at */
	uint32_t ms;              /* the millisecond of the two counts below */
	uint32_t fruitless;       /* records looked at in vain */
	uint32_t fruitless_crowd; /* ... for newcomers of crowds */
	bool want_send;           /* somebody got no descriptor, or no buffer */
	bool want_piece;          /* ... or could not keep what came out of order, ... */
	uint32_t wanted_by;       /* and then last moved on */
};

/* May k become a connection? Ends one of its own crowd for it, if it is of one and
 * records are scarce. DROP_PREFIX_CAP: the crowd has enough, and uses them; the caller
 * resets it, for its address is proved. */
enum drop pressure_admit(struct tcp *t, const struct flow_key *k);

/* pool_take(&t->conns) found none: somebody goes. False: nobody deserves it. Take
 * again in any case where it says true, and bear that closed() was quicker. */
bool pressure_make_room(struct tcp *t);

/* Would a handshake that begins now find no record in the end? Those under way are
 * counted, for an eighth of all records at most: what was sent one SYN-ACK is expected. Looks
 * for who could go, as pressure_make_room() does, and leaves the hand at the first one. */
bool pressure_is_full(struct tcp *t);

/* c, or NULL, got no descriptor or no buffer for what it would send. */
void pressure_want_send(struct tcp *t, const struct tcp_conn *c);

/* When timers are looked at: send descriptors and buffers, if somebody wanted one in
 * vain. True if anything was done. */
bool pressure_relieve(struct tcp *t);

#endif
