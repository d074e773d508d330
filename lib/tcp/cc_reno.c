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

void
cc_acked(struct tcp_conn *c, uint32_t bytes, uint32_t flight)
{
	/* A window that is not filled tells nothing of the path (RFC 7661). */
	if (flight + c->mss < c->cwnd)
		return;
	if (c->cwnd < c->ssthresh)
		c->cwnd += min2(bytes, c->mss);
	else
		c->cwnd += max2((uint32_t)c->mss * c->mss / c->cwnd, 1);
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
cc_duplicate(struct tcp_conn *c)
{
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
