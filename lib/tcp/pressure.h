/* SPDX-License-Identifier: BSD-3-Clause */
/* pressure: the connection that ends when a newcomer has completed its handshake and no
 * connection record is free (docs/decisions/0012-eviction.md).
 *
 * Policy     connections end in this order:
 *            1. orphans without text for the peer, or whose peer does not answer;
 *            2. connections that pause, of an address or a /24 that holds too many;
 *            3. connections whose peer was silent since its handshake;
 *            4. connections whose peer takes none of the queued data;
 *            5. the connection that was idle for longest.
 *            Outside 1 and 4, a connection is safe for PRESSURE_IDLE_MS after progress (in a
 *            crowd, for PRESSURE_PAUSE_MS). Connections that we opened are safe, too.
 * Crowds     while records are scarce, an address or a /24 at its cap gets no more of them:
 *            its newcomers replace its own connections, or are refused.
 * Shared     all connections of a core share send descriptors and packet buffers. When a
 *            connection got none, two more kinds may go: connections with data queued for a
 *            peer that keeps its window shut, and the text behind holes of the
 *            connection without progress for longest.
 * Threads    single writer.
 * Memory     none but struct pressure.
 * Errors     enum drop, or false: no connection may end.
 * Bounds     a hand goes round the records, as a clock does for pages. A call examines at most
 *            PRESSURE_LOOK records. Fruitless calls of one millisecond together examine
 *            PRESSURE_LOOK_PER_MS records; those for newcomers of crowds have a budget of a
 *            quarter of that beside it.
 * Calls back? pressure_make_room(), pressure_admit() and pressure_relieve(): closed(), which
 *            may take the record that became free. May end the connection? those three
 *            end other connections, never the current one.
 */
#ifndef TCP_PRESSURE_H
#define TCP_PRESSURE_H

#include "base/drop.h"
#include "tcp/conn.h"
#include "tcp/crowd.h"

struct tcp;

#define PRESSURE_LOOK        64
#define PRESSURE_LOOK_PER_MS 512
#define PRESSURE_SILENT_MS   1000 /* a silent peer is spared for this long: it may yet speak */
#define PRESSURE_STALLED     6 /* retransmissions or probes without an answer: 12 s and more */
#define PRESSURE_PAUSE_MS    1000 /* after this time without progress, one of a crowd may end */
/* After this time without progress any accepted connection may end. It is longer than a round
 * trip, a lost segment and a pause of a user together. */
#define PRESSURE_IDLE_MS 5000

struct pressure {
	uint32_t hand;            /* the record that is examined next */
	uint32_t ms;              /* the millisecond of the two counts below */
	uint32_t fruitless;       /* records that were examined in vain */
	uint32_t fruitless_crowd; /* records examined in vain for newcomers of crowds */
	bool want_send;           /* a connection got no descriptor or no buffer to send */
	bool want_piece;          /* a connection could not keep text behind a hole */
	uint32_t wanted_by;       /* with want_piece: that connection's last progress */
};

/* May k become a connection? While records are scarce and k's crowd is at its cap, a connection
 * of that crowd ends for it. DROP_PREFIX_CAP: all connections of the crowd are in use; the
 * caller resets the newcomer, whose address is proved. */
enum drop pressure_admit(struct tcp *t, const struct flow_key *k);

/* pool_take(&t->conns) found no record: end a connection. False: all are spared. After true the
 * caller tries once more. That may fail, because closed() may have taken the record. */
bool pressure_make_room(struct tcp *t);

/* Would a handshake that begins now find no record at its end? Handshakes under way count, for
 * at most an eighth of all records, if one SYN-ACK was sent to them. Searches for a
 * connection that may end, as pressure_make_room() does, and leaves the hand at it. */
bool pressure_is_full(struct tcp *t);

/* A connection got no descriptor or no buffer for its data. c NULL: no certain one. */
void pressure_want_send(struct tcp *t, const struct tcp_conn *c);

/* Free send descriptors and buffers if a connection wanted one in vain. Called with the timers.
 * True: it did something. */
bool pressure_relieve(struct tcp *t);

#endif
