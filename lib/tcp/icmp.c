/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors (RFC 5927): only if they quote a segment in flight; never a
 * reason to give a connection up, which its timers do. */
#include "tcp/output.h"

#define MTU_MIN 576 /* RFC 1191 3: less than any host takes is an attack */

enum drop
tcp_icmp_error(struct tcp *t, struct tcp_conn *c, uint32_t seq, uint16_t mtu)
{
	uint32_t mss;

	if (seq_lt(seq, c->snd_una) || seq_geq(seq, c->snd_max))
		return DROP_ICMP_UNMATCHED;
	if (mtu == 0)
		return DROP_ICMP_IGNORED; /* RFC 5927 5.2: soft */

	mss = (mtu > MTU_MIN ? mtu : MTU_MIN) - 40u - ((c->flags & CONN_TS) ? 12 : 0);
	if (mss >= c->mss)
		return DROP_ICMP_IGNORED;
	/* RFC 1191 6.4: send again what was too large, in smaller pieces. */
	c->mss = (uint16_t)mss;
	if (c->state != TCP_SYN_RECEIVED) {
		c->snd_nxt = c->snd_una;
		tcp_pend(t, c);
	}
	return DROP_NONE;
}
