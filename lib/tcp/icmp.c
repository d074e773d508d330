/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors (RFC 5927): only if they quote a segment in flight. An established
 * connection is given up by its timers alone, and the error is only told; one that is
 * being opened is given up by a hard error, too (RFC 9293 3.9.2.2 SHLD-26, RFC 5461). */
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/tell.h"

/* No MTU is too small for a SYN. */
static enum drop
opening_failed(struct tcp *t, struct tcp_conn *c, const struct tcp_icmp *e)
{
	if (e->hard) {
		tcp_not_opened(t, c, e->why);
		return DROP_NONE;
	}
	/* "MUST NOT abort" (MUST-56): told as the reason if nobody ever answers */
	if (e->mtu == 0)
		tcp_rare(t, c)->soft_error = (uint8_t)e->why;
	return DROP_ICMP_IGNORED;
}

/* RFC 5927 5.2: soft. Told once until the next timeout (MUST-47), so that a flood of
 * them costs the application nothing. */
static enum drop
note_soft(struct tcp *t, struct tcp_conn *c, const struct tcp_icmp *e)
{
	struct tcp_rare *r = tcp_rare(t, c);

	r->soft_error = (uint8_t)e->why;
	if (c->state != TCP_SYN_RECEIVED && !r->soft_told) {
		r->soft_told = 1;
		tcp_tell_soft_error(t, c, e->why);
	}
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
		return note_soft(t, c, e);

	return mtu_too_big(t, c, e->mtu);
}
