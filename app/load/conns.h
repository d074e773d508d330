/* SPDX-License-Identifier: BSD-3-Clause */
/* conns: a record for each connection that a load's core has open, in the order of
 * their opening: as all may take equally long, the first is the first that is
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

#include "api/handfast.h"

#define CONNS_NONE UINT32_MAX

enum conns_phase {
	CONNS_OPENING,
	CONNS_ASKING, /* something has to come back */
	CONNS_WHOLE,  /* all was exchanged: the peer's FIN or last ACK is waited for */
	CONNS_ENDING, /* hf_close() or hf_abort() has been called */
	CONNS_GONE,   /* closed(), but still in the list of those to be looked at again */
};

/* flags */
#define CONNS_STEADY 0x01u /* its intended start lies in the steady window */
#define CONNS_HEARD  0x02u /* something has come back */
#define CONNS_MIDWAY 0x04u /* its progress says how far the answer has come */
#define CONNS_OWES   0x08u /* hf_send() had no room */
#define CONNS_AGAIN  0x10u /* is in the list of those to be looked at again */
#define CONNS_QUEUED 0x20u /* is in the order of opening */
#define CONNS_RST    0x40u /* is to be, or was, ended by our RST: as intended */

struct load_conn {
	struct hf_conn *c;
	uint32_t later, earlier; /* in the order of opening; later: also of free ones */
	uint32_t start_us;       /* intended */
	uint32_t opened_us;
	union {
		uint32_t sent_us; /* the request */
		uint32_t again;   /* next in the list of those to be looked at again */
	};
	uint8_t phase; /* enum conns_phase */
	uint8_t error; /* enum load_error, to be counted at the end; LOAD_ERROR_COUNT: none */
	uint8_t flags;
	uint8_t unused;
};
_Static_assert(sizeof(struct load_conn) == 32, "two to a cache line");

struct conns {
	struct load_conn *at;
	uint8_t *progress;
	uint32_t progress_size;
	uint32_t capacity;
	uint32_t fresh; /* records from here on were never taken */
	uint32_t free;
	uint32_t first, last; /* opened */
	uint32_t again;       /* to be looked at in the next turn */
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
	x->flags &= (uint8_t)~CONNS_QUEUED;
}

/* The earliest opened of those in order, or NULL. */
static inline struct load_conn *
conns_first(const struct conns *s)
{
	return s->first != CONNS_NONE ? &s->at[s->first] : NULL;
}

/* Look at it again in the next turn. */
static inline void
conns_again(struct conns *s, struct load_conn *x)
{
	if (x->flags & CONNS_AGAIN)
		return;
	x->flags |= CONNS_AGAIN;
	x->again = s->again;
	s->again = conns_index(s, x);
}

/* Takes one from a list that began as s->again; NULL: it is empty. */
static inline struct load_conn *
conns_pop(const struct conns *s, uint32_t *list)
{
	struct load_conn *x;

	if (*list == CONNS_NONE)
		return NULL;
	x = &s->at[*list];
	*list = x->again;
	x->flags &= (uint8_t)~CONNS_AGAIN;
	return x;
}

#endif
