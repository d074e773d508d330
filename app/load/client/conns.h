/* SPDX-License-Identifier: BSD-3-Clause */
/* conns: a record for each connection that a load's core has open, in the order in which
 * their time began: as all may take equally long, the first is the first that is
 * overdue, and nobody needs a timer.
 *
 * Threads  its core's.
 * Memory   all of it at creation: 32 bytes a record, and as many of `progress`
 *          beside them as the creator asks for; those are touched only by answers
 *          that take more than one segment and connections of several requests.
 * Units    *_us are the lower 32 bits of the clock: good for differences of up
 *          to 71 minutes.
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
	CONNS_ASKING, /* something has to come back */
	CONNS_WHOLE,  /* all was exchanged: the peer's FIN or last ACK is waited for */
	CONNS_ENDING, /* hf_close() or hf_abort() has been called */
	CONNS_PARTED, /* closed() between two requests: a new connection is to go on */
	CONNS_GONE, /* closed(), though it may be in the list of those to be looked at again */
};

/* flags */
#define CONNS_STEADY 0x01u  /* its intended start lies in the steady window */
#define CONNS_HEARD  0x02u  /* something has come back */
#define CONNS_MIDWAY 0x04u  /* its progress says how far the answer has come */
#define CONNS_OWES   0x08u  /* a request is to be sent: in this turn, or once there is room */
#define CONNS_AGAIN  0x10u  /* is in the list of those to be looked at again */
#define CONNS_QUEUED 0x20u  /* is in the order of expiry */
#define CONNS_RST    0x40u  /* is to be, or was, ended by our RST: as intended */
#define CONNS_KEPT   0x80u  /* it has brought a whole answer */
#define CONNS_IDLE   0x100u /* the server has ended it between two requests */
#define CONNS_MORE   0x200u /* it is not the first one: it goes on where another was ended */
#define CONNS_FREED  0x400u /* of no connection now; start_us: since when */

struct load_conn {
	struct hf_conn *c;
	uint32_t later, earlier; /* in the order of expiry; later: also of free ones */
	uint32_t start_us;       /* intended */
	uint32_t since_us; /* its time counts from here, on a clock of its own: its opening, a
	                      further request */
	union {
		uint32_t sent_us; /* the request */
		uint32_t again;   /* next in the list of those to be looked at again */
	};
	uint8_t phase; /* enum conns_phase */
	uint8_t error; /* enum load_error, to be counted at the end; LOAD_ERROR_COUNT: none */
	uint16_t flags;
};
_Static_assert(sizeof(struct load_conn) == 32, "two to a cache line");

struct conns {
	struct load_conn *at;
	uint8_t *progress;
	uint32_t progress_size;
	uint32_t capacity;
	uint32_t fresh; /* records from here on were never taken */
	uint32_t free;
	uint32_t first, last;               /* to expire */
	uint32_t again, again_last, nagain; /* to be looked at again */
};

/* progress_size: a multiple of 8, or 0. 0 or -errno. */
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

/* NULL: all are taken. Last freed, first taken. */
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

/* Its time begins anew. */
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

/* Look at it again when the turn is taken, after those that came before. */
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

/* ... before all others. */
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

/* The first of those to be looked at again, which is in that list no more. There is one:
 * nagain is not 0. */
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
