/* SPDX-License-Identifier: BSD-3-Clause */
/* conns: a record for each connection that a load's core has open, in the order in which
 * their times began. All have the same timeout, so the first record is the first that is
 * overdue, and no connection needs a timer.
 *
 * Threads    its core's.
 * Ownership  records belong to the pool; a record is valid from conns_take() to conns_give().
 * Memory     all of it at creation: 32 bytes a record, and progress_size bytes beside each.
 *            Only answers of more than one segment and connections of several requests use
 *            the latter.
 * Errors     conns_create(): -ENOMEM or another -errno of the arena.
 * Bounds     `capacity` records.
 * Units      *_us are the lower 32 bits of the clock: they hold differences of up to 71
 *            minutes.
 */
#ifndef APP_LOAD_CONNS_H
#define APP_LOAD_CONNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handfast/handfast.h"

#define CONNS_NONE UINT32_MAX

enum conns_phase {
	CONNS_OPENING,
	CONNS_ASKING, /* an answer, or a part of it, must still come */
	CONNS_WHOLE,  /* all is exchanged; the peer's FIN or last ACK must still come */
	CONNS_ENDING, /* hf_close() or hf_abort() was called */
	CONNS_PARTED, /* closed() came between two requests: a new connection must be opened */
	CONNS_GONE,   /* closed() came; the record may still be in the waiting list */
};

/* flags */
#define CONNS_STEADY 0x01u  /* the intended start lies in the steady window */
#define CONNS_HEARD  0x02u  /* a byte has come back */
#define CONNS_MIDWAY 0x04u  /* an answer has begun; `progress` says how much of it is here */
#define CONNS_OWES   0x08u  /* a request must be sent in this turn, or once there is room */
#define CONNS_AGAIN  0x10u  /* the record is in the waiting list */
#define CONNS_QUEUED 0x20u  /* the record is in the order of expiry */
#define CONNS_RST    0x40u  /* our RST ends the connection, as the spec wants it */
#define CONNS_KEPT   0x80u  /* the connection has brought a whole answer */
#define CONNS_IDLE   0x100u /* the server ended it between two requests */
#define CONNS_MORE   0x200u /* the connection continues one that the server ended */
#define CONNS_FREED  0x400u /* the record is free since start_us */

struct load_conn {
	struct hf_conn *c;
	uint32_t later;    /* next in the order of expiry, or next free record */
	uint32_t earlier;  /* before it in the order of expiry */
	uint32_t start_us; /* intended start */
	uint32_t since_us; /* begin of the timeout, by exchange_awake_us(): SYN or request */
	union {
		uint32_t sent_us; /* sending of the request */
		uint32_t again;   /* next in the waiting list */
	};
	uint8_t phase; /* enum conns_phase */
	uint8_t error; /* enum load_error to count at the end; LOAD_ERROR_COUNT: none */
	uint16_t flags;
};
_Static_assert(sizeof(struct load_conn) == 32, "two to a cache line");

struct conns {
	struct load_conn *at;
	uint8_t *progress;
	uint32_t progress_size;
	uint32_t capacity;
	uint32_t fresh;      /* records from here on were never taken */
	uint32_t free;       /* first free record */
	uint32_t first;      /* first in the order of expiry */
	uint32_t last;       /* last in the order of expiry */
	uint32_t again;      /* first in the waiting list */
	uint32_t again_last; /* last in the waiting list */
	uint32_t nagain;     /* length of the waiting list */
};

/* progress_size: a multiple of 8, or 0. Returns 0 or -errno. */
int conns_create(struct conns *s, uint32_t capacity, uint32_t progress_size, int node);
void conns_destroy(struct conns *s);

static inline uint32_t
conns_index(const struct conns *s, const struct load_conn *x)
{
	return (uint32_t)(x - s->at);
}

static inline void *
conns_progress(const struct conns *s, const struct load_conn *x)
{
	return s->progress + (size_t)conns_index(s, x) * s->progress_size;
}

/* The record that was freed last. NULL: all are taken. */
static inline struct load_conn *
conns_take(struct conns *s)
{
	uint32_t i = s->free;

	if (i != CONNS_NONE)
		s->free = s->at[i].later;
	else if (s->fresh < s->capacity)
		i = s->fresh++;
	else
		return NULL;
	return &s->at[i];
}

static inline void
conns_give(struct conns *s, struct load_conn *x)
{
	x->later = s->free;
	s->free = conns_index(s, x);
}

static inline void
conns_queue(struct conns *s, struct load_conn *x)
{
	uint32_t i = conns_index(s, x);

	x->later = CONNS_NONE;
	x->earlier = s->last;
	if (s->last != CONNS_NONE)
		s->at[s->last].later = i;
	else
		s->first = i;
	s->last = i;
	x->flags |= CONNS_QUEUED;
}

static inline void
conns_unqueue(struct conns *s, struct load_conn *x)
{
	if (x->later != CONNS_NONE)
		s->at[x->later].earlier = x->earlier;
	else
		s->last = x->earlier;
	if (x->earlier != CONNS_NONE)
		s->at[x->earlier].later = x->later;
	else
		s->first = x->later;
	x->flags &= (uint16_t)~CONNS_QUEUED;
}

/* The timeout of x begins again. */
static inline void
conns_renew(struct conns *s, struct load_conn *x, uint64_t now_us)
{
	x->since_us = (uint32_t)now_us;
	if (!(x->flags & CONNS_QUEUED))
		return;
	conns_unqueue(s, x);
	conns_queue(s, x);
}

/* The first to expire, or NULL. */
static inline struct load_conn *
conns_first(const struct conns *s)
{
	return s->first != CONNS_NONE ? &s->at[s->first] : NULL;
}

/* Appends x to the waiting list, which the next turn handles. */
static inline void
conns_again(struct conns *s, struct load_conn *x)
{
	uint32_t i = conns_index(s, x);

	if (x->flags & CONNS_AGAIN)
		return;
	x->flags |= CONNS_AGAIN;
	x->again = CONNS_NONE;
	if (s->again_last != CONNS_NONE)
		s->at[s->again_last].again = i;
	else
		s->again = i;
	s->again_last = i;
	s->nagain++;
}

/* Puts x at the head of the waiting list. */
static inline void
conns_again_first(struct conns *s, struct load_conn *x)
{
	x->flags |= CONNS_AGAIN;
	x->again = s->again;
	s->again = conns_index(s, x);
	if (s->again_last == CONNS_NONE)
		s->again_last = s->again;
	s->nagain++;
}

/* Removes and returns the head of the waiting list. nagain must not be 0. */
static inline struct load_conn *
conns_again_take(struct conns *s)
{
	struct load_conn *x = &s->at[s->again];

	s->again = x->again;
	if (s->again == CONNS_NONE)
		s->again_last = CONNS_NONE;
	x->flags &= (uint16_t)~CONNS_AGAIN;
	s->nagain--;
	return x;
}

#endif
