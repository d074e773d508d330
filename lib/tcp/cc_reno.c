/* SPDX-License-Identifier: BSD-3-Clause */
/* Slow start, congestion avoidance, fast retransmit and recovery (RFC 5681,
 * with the partial ACKs of RFC 6582). */
#include "tcp/cc.h"

#define CWND_MAX (1u << 28)

static uint32_t
max2(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t
min2(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

void
cc_init(struct tcp_conn *c)
{
	c->cwnd = min2(10u * c->mss, max2(2u * c->mss, 14600));
	if (c->flags & CONN_SYN_AGAIN) /* RFC 5681 3.1: a lost SYN, one segment */
		c->cwnd = c->mss;
	c->ssthresh = CWND_MAX;
}

/* RFC 3465 2.1: by what is acknowledged, not by how many ACKs that takes; whoever
 * splits them gains nothing. Of more than one segment no more than before: L=1. */
static uint32_t
avoidance(const struct tcp_conn *c, uint32_t bytes)
{
	uint32_t grown = (uint32_t)((uint64_t)bytes * c->mss / c->cwnd);

	return grown == 0 && bytes == c->mss ? 1 : grown;
}

void
cc_acked(struct tcp_conn *c, uint32_t bytes, uint32_t flight)
{
	/* A window that is not filled tells nothing of the path (RFC 7661). */
	if (flight + c->mss < c->cwnd)
		return;
	bytes = min2(bytes, c->mss);
	c->cwnd += c->cwnd < c->ssthresh ? bytes : avoidance(c, bytes);
	c->cwnd = min2(c->cwnd, CWND_MAX);
}

void
cc_timeout(struct tcp_conn *c, uint32_t flight)
{
	/* (4): not again for the same segment */
	if (c->rexmits <= 1)
		c->ssthresh = max2(flight / 2, 2u * c->mss);
	c->cwnd = c->mss;
}

void
cc_enter_recovery(struct tcp_conn *c, uint32_t flight)
{
	c->ssthresh = max2(flight / 2, 2u * c->mss);
	c->cwnd = c->ssthresh + 3u * c->mss;
}

void
cc_duplicate(struct tcp_conn *c, uint32_t old, uint32_t fresh)
{
	/* No more segments can have left the network than were in it: else forged
	 * duplicates would open the window without end (3.2, the note on step 4). */
	uint32_t most = c->ssthresh + old + min2(fresh, c->ssthresh);

	if (c->cwnd + c->mss <= most)
		c->cwnd = min2(c->cwnd + c->mss, CWND_MAX);
}

void
cc_partial(struct tcp_conn *c, uint32_t bytes)
{
	c->cwnd -= min2(bytes, c->cwnd - c->mss);
	if (bytes >= c->mss)
		c->cwnd += c->mss;
}

void
cc_leave_recovery(struct tcp_conn *c, uint32_t flight)
{
	c->cwnd = min2(c->ssthresh, max2(flight, c->mss) + c->mss);
}
