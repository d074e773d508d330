/* SPDX-License-Identifier: BSD-3-Clause */
/* mode: does a SYN leave a record, or does a cookie in its answer remember it (RFC 4987 3.6)?
 *
 * A record is better for the connection: its SYN-ACK is sent again, its round trip is measured,
 * nothing is rounded. A cookie survives any flood. So `auto` keeps records while there is room
 * and nearly every SYN is followed by its ACK.
 *
 * Threads    one struct for each core. keys.h shares what other cores must know.
 * Memory     the struct.
 * Errors     none.
 * Bounds     none: each function does a fixed amount of work.
 * Rate       SYNs that no handshake completed are counted. Two million honest connections a
 *            second are no flood.
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
	bool stateless;     /* cookies answer now */
	uint32_t rate_max;  /* a flood begins at this many SYNs without an ACK a second */
	uint32_t rate;      /* of the last window, never below 0 */
	int32_t unproved;   /* SYNs less handshakes in this window */
	uint32_t window_ms; /* the beginning of this window */
	uint32_t loud_ms; /* the last time at which the rate or the pool was above a quarter */
	uint32_t stateless_ms; /* the beginning of the stateless time */
	uint64_t to_stateless; /* changes to cookies */
	uint64_t to_stateful;  /* changes to records */
};

void syn_mode_init(struct syn_mode *m, enum syn_cookie set, uint32_t rate_max, uint32_t now_ms);
void syn_mode_set(struct syn_mode *m, enum syn_cookie set, uint32_t now_ms);

/* To be called once a turn. used, capacity: half-open records in use, and all of them. */
void syn_mode_turn(struct syn_mode *m, uint32_t now_ms, uint32_t used, uint32_t capacity);

/* A SYN came to a listener. Half of the pool in use is a flood. */
static inline void
syn_mode_syn(struct syn_mode *m, uint32_t used, uint32_t capacity)
{
	m->unproved++;
	if (m->set == SYN_COOKIE_AUTO && !m->stateless && used >= capacity / 2) {
		m->stateless = true;
		m->stateless_ms = m->window_ms;
		m->loud_ms = m->window_ms; /* the window is no older than a turn and 100 ms */
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
