/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors (RFC 5927): only if they quote a segment in flight. An established
 * connection is given up by its timers alone; one that is being opened by a hard
 * error, too (RFC 1122 4.2.3.9), for a port or protocol that is not there. */
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/output.h"

/* No MTU is too small for a SYN. */
static enum drop
opening_failed(struct tcp *t, struct tcp_conn *c, const struct tcp_icmp *e)
{
	if (e->hard) {
		counter_add(&t->count->conn_unreachable, 1);
		tcp_conn_end(t, c, HF_UNREACHABLE);
		return DROP_NONE;
	}
	/* "MUST NOT abort": told as the reason if nobody ever answers */
	tcp_rare(t, c)->unreachable |= e->mtu == 0;
	return DROP_ICMP_IGNORED;
}

enum drop
tcp_icmp_error(struct tcp *t, struct tcp_conn *c, const struct tcp_icmp *e)
{
	if (seq_lt(e->seq, c->snd_una) || seq_geq(e->seq, c->snd_max))
		return DROP_ICMP_UNMATCHED;
	if (c->state == TCP_SYN_SENT)
		return opening_failed(t, c, e);
	if (e->mtu == 0)
		return DROP_ICMP_IGNORED; /* RFC 5927 5.2: soft */

	return mtu_too_big(t, c, e->mtu);
}
