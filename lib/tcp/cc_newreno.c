/* SPDX-License-Identifier: BSD-3-Clause */
/* NewReno, a row of the congestion controls: slow start, congestion avoidance, fast retransmit
 * and recovery (RFC 5681), with the partial ACKs of RFC 6582. */
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

static uint32_t
initial_window(const struct tcp_conn *c)
{
	return min2(10u * c->mss, max2(2u * c->mss, 14600));
}

static void
newreno_init(struct tcp_conn *c)
{
	c->cwnd = initial_window(c);
	if (c->flags &
	        CONN_SYN_AGAIN) /* RFC 5681 3.1: after a lost SYN the window is one segment */
		c->cwnd = c->mss;
	c->ssthresh = CWND_MAX;
}

/* An acknowledged octet means room in the network. After a timeout this holds for one segment
 * per ACK only, because much had arrived before (RFC 3465 2.3, L = 1). Otherwise all
 * acknowledged octets count, however few ACKs came: receivers that coalesce segments send one
 * ACK for some tens of them (RFC 9406 4.2: no limit where the sender spreads bursts; see
 * SEGMENTS_AT_ONCE). A peer gains nothing by splitting ACKs (RFC 3465 2.1). */
static uint32_t
slow_start(struct tcp_conn *c, uint32_t bytes)
{
	uint32_t room = c->ssthresh - c->cwnd;
	uint32_t grown = c->guarded ? min2(bytes, c->mss) : bytes;

	grown = min2(grown, room);
	c->cwnd += grown;
	return c->guarded ? 0 : bytes - grown;
}

/* RFC 3465 2.1: a segment for each window of octets. */
static void
avoid_congestion(struct tcp_conn *c, uint32_t bytes)
{
	uint32_t grown = (uint32_t)((uint64_t)min2(bytes, c->cwnd) * c->mss / c->cwnd);

	c->cwnd += grown == 0 && bytes == c->mss ? 1 : grown;
}

/* A window that is not filled says nothing about the path (RFC 7661). In slow start half a
 * window is enough, because the window doubles within one ACK's round trip. */
static bool
is_filled(const struct tcp_conn *c, uint32_t flight)
{
	if (c->cwnd < c->ssthresh)
		return flight >= c->cwnd / 2;
	return flight + c->mss >= c->cwnd;
}

static void
newreno_acked(struct tcp_conn *c, uint32_t bytes, uint32_t flight)
{
	if (!is_filled(c, flight))
		return;
	if (c->cwnd < c->ssthresh)
		bytes = slow_start(c, bytes);
	if (bytes != 0)
		avoid_congestion(c, bytes);
	c->cwnd = min2(c->cwnd, CWND_MAX);
}

static void
newreno_smaller_segments(struct tcp_conn *c)
{
	c->cwnd = min2(c->cwnd, initial_window(c));
}

static void
newreno_timeout(struct tcp_conn *c, uint32_t flight)
{
	/* RFC 5681 3.1 (4): not again for the same segment */
	if (c->rexmits <= 1)
		c->ssthresh = max2(flight / 2, 2u * c->mss);
	c->cwnd = c->mss;
}

static void
newreno_lost(struct tcp_conn *c, uint32_t flight)
{
	c->ssthresh = max2(flight / 2, 2u * c->mss);
	c->cwnd = c->ssthresh + 3u * c->mss;
}

static void
newreno_duplicate(struct tcp_conn *c, uint32_t old, uint32_t fresh)
{
	/* No more segments can have left the network than were in it. Without this bound,
	 * forged duplicates would open the window without end (RFC 5681 3.2, the note on step
	 * 4). */
	uint32_t most = c->ssthresh + old + min2(fresh, c->ssthresh);

	if (c->cwnd + c->mss <= most)
		c->cwnd = min2(c->cwnd + c->mss, CWND_MAX);
}

static void
newreno_partial(struct tcp_conn *c, uint32_t bytes)
{
	c->cwnd -= min2(bytes, c->cwnd - c->mss);
	if (bytes >= c->mss)
		c->cwnd += c->mss;
}

static void
newreno_recovered(struct tcp_conn *c, uint32_t flight)
{
	c->cwnd = min2(c->ssthresh, max2(flight, c->mss) + c->mss);
}

const struct cc cc_newreno = {
        .name = "newreno",
        .init = newreno_init,
        .acked = newreno_acked,
        .lost = newreno_lost,
        .duplicate = newreno_duplicate,
        .partial = newreno_partial,
        .recovered = newreno_recovered,
        .timeout = newreno_timeout,
        .smaller_segments = newreno_smaller_segments,
};
