/* SPDX-License-Identifier: BSD-3-Clause */
/* mode: whether a SYN leaves a record behind, or only a cookie in its answer
 * (RFC 4987 3.6).
 *
 * A record is better for the connection (its SYN-ACK is sent again, its round
 * trip is measured, nothing is rounded), a cookie survives any flood. So `auto`
 * keeps records while there is room and hardly anybody fails to answer.
 *
 * Rate       what counts is SYNs that no handshake completed: two million honest
 *            connections a second are no flood.
 * Threads    one per core. What another core has to know is in keys.h.
 */
#ifndef SYN_MODE_H
#define SYN_MODE_H

#include <stdbool.h>
#include <stdint.h>

enum syn_cookie {
	SYN_COOKIE_AUTO,
	SYN_COOKIE_ALWAYS,
	SYN_COOKIE_OFF,
};

struct syn_mode {
	enum syn_cookie set;
	bool stateless;        /* now */
	uint32_t rate_max;     /* SYNs without an ACK, per second */
	uint32_t rate;         /* of the last window, never below 0 */
	int32_t unproved;      /* SYNs less handshakes, of this window */
	uint32_t window_ms;    /* when this window began */
	uint32_t loud_ms;      /* when it was last above a quarter */
	uint32_t stateless_ms; /* stateless: since when */
	uint64_t to_stateless; /* how often */
	uint64_t to_stateful;
};

void syn_mode_init(struct syn_mode *m, enum syn_cookie set, uint32_t rate_max, uint32_t now_ms);
void syn_mode_set(struct syn_mode *m, enum syn_cookie set, uint32_t now_ms);

/* Once a turn: how many records are in use, of how many. */
void syn_mode_turn(struct syn_mode *m, uint32_t now_ms, uint32_t used, uint32_t capacity);

/* A listener takes a SYN, whatever becomes of it then. Half a pool is enough. */
static inline void
syn_mode_syn(struct syn_mode *m, uint32_t used, uint32_t capacity)
{
	m->unproved++;
	if (m->set == SYN_COOKIE_AUTO && !m->stateless && used >= capacity / 2) {
		m->stateless = true;
		m->stateless_ms = m->window_ms;
		m->loud_ms = m->window_ms; /* not long ago */
		m->to_stateless++;
	}
}

/* A handshake is complete. */
static inline void
syn_mode_proved(struct syn_mode *m)
{
	m->unproved--;
}

#endif
