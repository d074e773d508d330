/* SPDX-License-Identifier: BSD-3-Clause */
/* The estimate of the round trip, and the retransmission timeout (RFC 6298). */
#include "tcp/rtt.h"

#define GRANULARITY_US 1000 /* G of RFC 6298: the wheel's tick */

void
rtt_sample(struct tcp_conn *c, uint32_t r_us)
{
	if (r_us == 0)
		r_us = 1;
	if (r_us > TCP_RTO_MAX_MS * US_PER_MILLISECOND)
		r_us = TCP_RTO_MAX_MS * US_PER_MILLISECOND;

	if (c->srtt8_us == 0) { /* 2.2 */
		c->srtt8_us = 8 * r_us;
		c->rttvar4_us = 2 * r_us;
		return;
	}
	/* 2.3: RTTVAR first, with alpha = 1/8 and beta = 1/4 */
	int32_t err = (int32_t)r_us - (int32_t)(c->srtt8_us / 8);
	uint32_t abs_err = (uint32_t)(err < 0 ? -err : err);

	c->rttvar4_us += abs_err - c->rttvar4_us / 4;
	c->srtt8_us = (uint32_t)((int32_t)c->srtt8_us + err);
	if (c->srtt8_us == 0)
		c->srtt8_us = 1;
}

bool
rtt_measure_echo(const struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	uint32_t ms = tcp_ts_now(t, c) - s->tsecr;

	if (ms >= TCP_RTO_MAX_MS)
		return false;
	rtt_sample(c, ms * US_PER_MILLISECOND);
	return true;
}

uint32_t
rtt_rto_ms(const struct tcp *t, const struct tcp_conn *c, unsigned backoff)
{
	uint32_t var = c->rttvar4_us > GRANULARITY_US ? c->rttvar4_us : GRANULARITY_US;
	uint32_t rto = (c->srtt8_us / 8 + var) / US_PER_MILLISECOND;

	if (c->srtt8_us == 0) /* no sample: the value of rtt_keep_backoff(), or 2.1 */
		rto = c->rttvar4_us != 0 ? c->rttvar4_us / US_PER_MILLISECOND : TCP_RTO_INIT_MS;
	if (rto < t->conf.rto_min_ms) /* 2.4; deviation: see docs/rfc.md */
		rto = t->conf.rto_min_ms;
	while (backoff-- > 0 && rto < TCP_RTO_MAX_MS)
		rto *= 2;
	return rto < TCP_RTO_MAX_MS ? rto : TCP_RTO_MAX_MS;
}

void
rtt_keep_backoff(const struct tcp *t, struct tcp_conn *c, unsigned backoff)
{
	c->rttvar4_us = rtt_rto_ms(t, c, backoff) * US_PER_MILLISECOND;
	c->srtt8_us = 0;
}

void
rtt_after_lost_syn(struct tcp_conn *c)
{
	c->rttvar4_us = 3 * TCP_RTO_INIT_MS * US_PER_MILLISECOND;
}
