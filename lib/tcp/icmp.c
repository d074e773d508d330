/* SPDX-License-Identifier: BSD-3-Clause */
/* The handling of ICMP errors (RFC 5927). An error counts only if it quotes a segment in
 * flight. An established connection is only told of it; its timers alone give it up. A hard
 * error ends a connection that is being opened (RFC 9293 3.9.2.2 SHLD-26, RFC 5461). */
#include "tcp/life.h"
#include "tcp/mtu.h"
#include "tcp/tell.h"

/* An ICMP error for a SYN. A claim of a smaller MTU is ignored: every MTU has room for a
 * SYN. */
static enum drop
opening_failed(struct tcp *t, struct tcp_conn *c, const struct tcp_icmp *e)
{
	if (e->hard) {
		tcp_not_opened(t, c, e->why);
		return DROP_NONE;
	}
	/* "MUST NOT abort" (MUST-56): it is the reason if no answer ever comes */
	if (e->mtu == 0)
		tcp_rare(t, c)->soft_error = (uint8_t)e->why;
	return DROP_ICMP_IGNORED;
}

/* RFC 5927 5.2: a soft error. The application is told once until the next timeout (MUST-47): a
 * flood of errors costs it nothing. */
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
