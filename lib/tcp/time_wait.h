/* SPDX-License-Identifier: BSD-3-Clause */
/* time_wait: connections that have ended, remembered for 2 MSL (RFC 9293 3.6.1).
 *
 * The records are small and stand in a ring. All of them wait equally long, so they end in the
 * order in which they came. Marks that are set 64 times per 2 MSL replace a deadline in each
 * record. A record that ends early (by a newer SYN, or a FIN again) stays in its place, dead,
 * until the head passes it.
 *
 * Threads    single writer.
 * Memory     all of it at creation: 24 bytes a record, and its slot in the flow table.
 * Errors     time_wait_create() returns -ENOMEM. time_wait_input() returns enum drop.
 * Bounds     a full ring ends its 32 oldest records early. time_wait_expire() ends at most
 *            `most` records and 31 more.
 * Way back   a SYN that is not newer gets an ACK. An RST with exactly the number of that ACK
 *            shows that the peer has no connection and wants one: its next SYN opens one. The
 *            record stays until then and keeps out old segments (RFC 1337). Other RSTs are
 *            ignored.
 * Calls back? no. May end the connection? no.
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
	uint16_t asked; /* TW_*, or the clock_stamp() at which a SYN got its ACK */
} __attribute__((packed, aligned(2)));

_Static_assert(sizeof(struct tw_record) == 24, "the budget of docs/architecture.md");

#define TW_NOT_ASKED 0          /* no SYN got an ACK */
#define TW_PROVED    UINT16_MAX /* a SYN got an ACK, and the right RST came back */

#define TW_MARKS 128 /* power of two, over 64 */

struct tw_mark {
	uint32_t ms;
	uint32_t tail; /* the tail of the ring at that time */
};

struct time_wait {
	struct tw_record *ring;
	uint32_t most;     /* limit of records, dead ones included */
	uint32_t capacity; /* positions of the ring: a power of two, at least `most` */
	uint32_t head;     /* the oldest record; the number runs on */
	uint32_t tail;     /* the next free position; the number runs on */
	uint32_t live;     /* records that are not dead */
	uint32_t wait_ms;  /* 2 MSL */
	uint32_t first_mark, next_mark;
	struct tw_mark mark[TW_MARKS];
};

int time_wait_create(struct time_wait *tw, uint32_t capacity, uint32_t wait_ms, int node);
void time_wait_destroy(struct time_wait *tw);

/* Let c enter TIME-WAIT: its slot of the flow table then refers to a record here. The caller
 * frees the connection's own record. */
void time_wait_enter(struct tcp *t, struct tcp_conn *c);

/* Does record i belong to this flow? */
bool time_wait_is(const struct tcp *t, uint32_t i, const struct flow_key *k);

/* Handle a segment for record i. *reopen: s is a newer SYN. The caller then treats it as a SYN
 * to a listener, with an ISN above *iss_floor (RFC 1122 4.2.2.13, RFC 6191), and ends the
 * record if the SYN is accepted. */
enum drop time_wait_input(
        struct tcp *t, uint32_t i, struct seg *s, bool *reopen, uint32_t *iss_floor);

/* May we open a connection of record i's flow? We may if both sides had timestamps and a second
 * has passed: our timestamp is then newer, and the peer accepts the SYN (RFC 6191, in the role
 * of the other side). *iss_floor: as above. */
bool time_wait_may_reopen(const struct tcp *t, uint32_t i, uint32_t *iss_floor);

/* A connection of the same flow has replaced record i. */
void time_wait_reopened(struct tcp *t, uint32_t i, uint32_t hash);

/* Is the time of a record over? */
bool time_wait_is_due(const struct tcp *t);
/* End records whose time is over, in batches of 32, until `most` are done. */
bool time_wait_expire(struct tcp *t, unsigned most);

/* The i-th record from the head, for show. False: it is dead, or past the tail. */
bool time_wait_at(const struct tcp *t, uint32_t i, struct flow_key *k);

#endif
