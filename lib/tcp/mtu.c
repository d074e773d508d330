/* SPDX-License-Identifier: BSD-3-Clause */
/* The segment size of a connection after an ICMP "packet too big". */
#include "tcp/mtu.h"

#include "tcp/cc.h"
#include "tcp/loss.h"
#include "tcp/pend.h"

#define UNIT_SHIFT  8  /* of clock_stamp(): 16.8 s */
#define RAISE_UNITS 36 /* ten minutes (RFC 1191 6.3) */

static uint16_t
clock_unit(struct clock now)
{
	return (uint16_t)(clock_stamp(now) >> UNIT_SHIFT);
}

static void
lower_mss(struct tcp *t, struct tcp_conn *c, uint32_t mss)
{
	struct tcp_loss *l = loss_take(t, c);

	if (l != NULL) {
		if (l->mss_full == 0)
			l->mss_full = c->mss;
		l->lowered = clock_unit(t->now);
	}
	c->mss = (uint16_t)mss;
	c->proved = 0;
	counter_add(&t->count->mss_lowered, 1);
}

/* RFC 1191 6.4: send the text in flight again in smaller segments, once, and no faster than a
 * new connection begins. */
static void
send_smaller(struct tcp *t, struct tcp_conn *c)
{
	t->conf.cc->smaller_segments(c);
	loss_guard(t, c);
	c->flags &= (uint16_t)~CONN_RECOVERY;
	c->timers &= ~TIMER_RTT;
	c->dupacks = 0;
	c->snd_nxt = c->snd_una;
	tcp_pend(t, c);
}

enum drop
mtu_too_big(struct tcp *t, struct tcp_conn *c, uint32_t mtu)
{
	/* RFC 1191 3: a smaller claim is an attack. */
	uint32_t mss = mss_of_mtu(mtu > IPV4_MTU_MIN ? mtu : IPV4_MTU_MIN) -
	               ((c->flags & CONN_TS) ? TCP_TS_BYTES : 0);
	struct tcp_loss *l;

	if (mss >= c->mss)
		return DROP_ICMP_IGNORED;
	if (c->proved || c->guarded) {
		l = loss_take(t, c);
		if (l != NULL) {
			l->mss_claimed = (uint16_t)mss;
			l->claim_una = c->snd_una;
		}
		return DROP_ICMP_IGNORED;
	}
	lower_mss(t, c, mss);
	if (c->state != TCP_SYN_RECEIVED)
		send_smaller(t, c);
	return DROP_NONE;
}

void
mtu_timeout(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_loss *l;

	if (!(c->flags & CONN_LOSS))
		return;
	l = loss_of(t, c);
	if (l->mss_claimed != 0 && l->claim_una == c->snd_una && l->mss_claimed < c->mss)
		lower_mss(t, c, l->mss_claimed);
	l->mss_claimed = 0;
}

void
mtu_raise(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_loss *l = loss_of(t, c);

	/* recovery counts segments of one size */
	if ((uint16_t)(clock_unit(t->now) - l->lowered) < RAISE_UNITS ||
	        (c->flags & CONN_RECOVERY))
		return;
	c->mss = l->mss_full;
	l->mss_full = 0;
	c->proved = 0;
	/* Less than a segment would leave full ones to the persist timer. */
	if (c->cwnd < c->mss)
		c->cwnd = c->mss;
	loss_settle(t, c);
}
