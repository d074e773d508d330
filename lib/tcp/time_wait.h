/* SPDX-License-Identifier: BSD-3-Clause */
/* time_wait: connections that are over, remembered for 2 MSL (RFC 9293 3.6.1).
 *
 * Small records in a ring: all wait equally long, so they end in the order in
 * which they came, and marks that are set 64 times per 2 MSL replace a
 * deadline in each. A record that ends early (a newer SYN, a FIN again) is
 * left dead in its place until the ring passes it.
 *
 * Way in  a SYN that is no newer one gets an ACK, and if an RST comes back with just
 *         the number of that ACK, its sender has no connection any more, but wants
 *         one: its next SYN opens it. The record stays until then, and keeps out what
 *         is old (RFC 1337); an RST that follows anything but a SYN is not believed.
 * Memory  24 bytes a record, and its slot in the flow table.
 * Bound   when the ring is full, the oldest go early, 32 at once.
 */
#ifndef TCP_TIME_WAIT_H
#define TCP_TIME_WAIT_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/drop.h"
#include "conn/flow_table.h"
#include "wire/seg.h"

struct tcp;
struct tcp_conn;

struct tw_record {
	be32 raddr;
	uint32_t rcv_nxt;
	uint32_t snd_nxt;
	uint32_t ts_recent;
	be16 rport; /* 0: dead */
	be16 lport;
	uint16_t laddr : 15; /* index of our address */
	uint16_t has_ts : 1;
	uint16_t asked; /* TW_*, or clock_stamp() of when a SYN got its ACK */
} __attribute__((packed, aligned(2)));

_Static_assert(sizeof(struct tw_record) == 24, "the budget of docs/architecture.md");

#define TW_NOT_ASKED 0
#define TW_PROVED    UINT16_MAX /* ... and an RST said that it was meant */

#define TW_MARKS 128 /* power of two, over 64 */

struct tw_mark {
	uint32_t ms;
	uint32_t tail; /* where the ring's tail stood then */
};

struct time_wait {
	struct tw_record *ring;
	uint32_t most;     /* records, dead ones included */
	uint32_t capacity; /* of the ring: the power of two that holds them */
	uint32_t head;     /* oldest; free-running */
	uint32_t tail;
	uint32_t live;
	uint32_t wait_ms; /* 2 MSL */
	uint32_t first_mark, next_mark;
	struct tw_mark mark[TW_MARKS];
};

int time_wait_create(struct time_wait *tw, uint32_t capacity, uint32_t wait_ms, int node);
void time_wait_destroy(struct time_wait *tw);

/* c enters TIME-WAIT: its slot of the flow table now refers to a record. The
 * connection's own record is the caller's to free. */
void time_wait_enter(struct tcp *t, struct tcp_conn *c);

/* Is record i of this flow? */
bool time_wait_is(const struct tcp *t, uint32_t i, const struct flow_key *k);

/* A segment for record i. *reopen: it is a newer SYN, treat it as one to a
 * listener, with an ISN above *iss_floor (RFC 1122 4.2.2.13, RFC 6191), and if a
 * connection comes of it, end the record. */
enum drop time_wait_input(
        struct tcp *t, uint32_t i, struct seg *s, bool *reopen, uint32_t *iss_floor);

/* May we open a connection of record i's flow? Where both sides have timestamps,
 * ours has moved on a second later, so that the peer takes the new SYN for what
 * it is (RFC 6191, seen from the other side). *iss_floor as above. */
bool time_wait_may_reopen(const struct tcp *t, uint32_t i, uint32_t *iss_floor);

/* A connection of the same flow has taken record i's place. */
void time_wait_reopened(struct tcp *t, uint32_t i, uint32_t hash);

/* The time of some has come. */
bool time_wait_is_due(const struct tcp *t);
/* End those, at most `most` of them. */
bool time_wait_expire(struct tcp *t, unsigned most);

/* The i-th record from the head, for show: false if dead or past the tail. */
bool time_wait_at(const struct tcp *t, uint32_t i, struct flow_key *k);

#endif
