/* SPDX-License-Identifier: BSD-3-Clause */
/* Decides whether SYNs are a flood: by the rate of those without an ACK, and by the pool. */
#include "syn/mode.h"

#include "syn/keys.h"

#define WINDOW_MS  100
#define QUIET_MS   (2 * COOKIE_EPOCH_MS) /* without a sign of a flood: then records again */
#define SINCE_MOST (UINT32_C(1) << 31)

void
syn_mode_init(struct syn_mode *m, enum syn_cookie set, uint32_t rate_max, uint32_t now_ms)
{
	*m = (struct syn_mode) {.rate_max = rate_max, .window_ms = now_ms};
	syn_mode_set(m, set, now_ms);
}

void
syn_mode_set(struct syn_mode *m, enum syn_cookie set, uint32_t now_ms)
{
	bool stateless = set == SYN_COOKIE_ALWAYS;

	/* `auto` begins with the present state and leaves it by its own rules */
	if (set == SYN_COOKIE_AUTO)
		stateless = m->stateless;
	if (stateless && !m->stateless) {
		m->to_stateless++;
		m->stateless_ms = now_ms;
	}
	m->to_stateful += !stateless && m->stateless;
	m->set = set;
	m->stateless = stateless;
	m->loud_ms = now_ms;
}

static void
close_window(struct syn_mode *m, uint32_t now_ms)
{
	uint64_t rate = m->unproved > 0 ? (uint64_t)m->unproved * 1000 / (now_ms - m->window_ms)
	                                : 0;

	m->rate = rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
	m->unproved = 0;
	m->window_ms = now_ms;
}

/* A time that is 24 days back stays 24 days back, so that it does not become recent when 32
 * bits wrap. */
static uint32_t
not_stale(uint32_t since_ms, uint32_t now_ms)
{
	return now_ms - since_ms > SINCE_MOST ? now_ms - SINCE_MOST : since_ms;
}

void
syn_mode_turn(struct syn_mode *m, uint32_t now_ms, uint32_t used, uint32_t capacity)
{
	if (now_ms - m->window_ms < WINDOW_MS)
		return;
	close_window(m, now_ms);
	m->loud_ms = not_stale(m->loud_ms, now_ms);
	m->stateless_ms = not_stale(m->stateless_ms, now_ms);
	if (m->rate >= m->rate_max / 4 || used >= capacity / 4)
		m->loud_ms = now_ms;
	if (m->set != SYN_COOKIE_AUTO)
		return;
	if (!m->stateless && m->rate >= m->rate_max) {
		m->stateless = true;
		m->stateless_ms = now_ms;
		m->to_stateless++;
	} else if (m->stateless && now_ms - m->loud_ms >= QUIET_MS) {
		m->stateless = false;
		m->to_stateful++;
	}
}
