/* SPDX-License-Identifier: BSD-3-Clause */
/* SEGMENT ARRIVES, synchronized states, and the SYN-RECEIVED of a simultaneous open
 * (RFC 9293 3.10.7.4). SYN-SENT is in syn_sent.c, the SYN-RECEIVED of a listener in
 * syn_received.c. */
#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/steps.h"

/* CLOSING, LAST-ACK: the RFC's reset says nothing to the user here, for both have
 * closed; that holds if the peer has all of our text. */
static bool
lacks_only_an_ack(const struct tcp_conn *c)
{
	return (c->state == TCP_CLOSING || c->state == TCP_LAST_ACK) &&
	       (c->flags & CONN_FIN_SENT) && c->snd_max - c->snd_una == 1;
}

/* Second: only a reset at exactly RCV.NXT is believed (RFC 5961 3.2). */
enum drop
check_rst(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (!(s->flags & TCP_RST))
		return DROP_NONE;
	if (s->seq != c->rcv_nxt) {
		tcp_send_challenge(t, c, s);
		return DROP_TCP_RST_CHALLENGED;
	}
	if (c->state == TCP_SYN_RECEIVED) { /* our SYN met the peer's, and was refused */
		counter_add(&t->count->conn_refused, 1);
		tcp_conn_end(t, c, HF_REFUSED);
		return DROP_NONE;
	}
	if (lacks_only_an_ack(c)) {
		counter_add(&t->count->conn_closed, 1);
		tcp_conn_end(t, c, HF_CLOSED);
		return DROP_NONE;
	}
	counter_add(&t->count->conn_reset, 1);
	tcp_conn_end(t, c, HF_RESET);
	return DROP_NONE;
}

/* Fourth: in the window, or it would not have come this far. */
enum drop
check_syn(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (!(s->flags & TCP_SYN))
		return DROP_NONE;
	tcp_send_challenge(t, c, s); /* RFC 5961 4.2 */
	return DROP_TCP_SYN_CHALLENGED;
}

static enum drop
arrive(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	struct verdict v;
	enum drop why;

	if ((why = check_seq(t, c, s, &v)) != DROP_NONE || /* first */
	        (why = check_rst(t, c, s)) != DROP_NONE || c->state == TCP_CLOSED ||
	        (why = check_syn(t, c, s)) != DROP_NONE ||
	        (why = check_ack(t, c, s)) != DROP_NONE)
		return why;
	admit(t, c, s, &v);
	take_ack(t, c, s);
	if (c->state == TCP_CLOSED)
		return DROP_NONE;
	if (v.old)
		return answer_old(t, c, s);

	/* Sixth: urgent data is ordinary data here (RFC 6093 asks for no more).
	 * Seventh and eighth: */
	return take_text(t, c, s);
}

/* Both have opened at the same time (RFC 9293 3.5, figure 8): the peer's SYN-ACK
 * repeats the SYN that we know, and acknowledges ours. */
static bool
is_crossed_syn_ack(const struct tcp_conn *c, const struct seg *s)
{
	return c->state == TCP_SYN_RECEIVED &&
	       (s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK) &&
	       s->seq + 1 == c->rcv_nxt && s->ack == c->snd_nxt;
}

/* The SYN is trimmed off, as the RFC has it, and what is left is an ACK with a
 * window that is not scaled (RFC 7323 2.2). */
static enum drop
arrive_crossed(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	struct verdict v;
	enum drop why;

	s->flags &= (uint8_t)~TCP_SYN;
	s->seq++;
	if ((why = check_seq(t, c, s, &v)) != DROP_NONE)
		return why;
	admit(t, c, s, &v);
	handshake_done(t, c, s, s->wnd, true);
	return take_text(t, c, s);
}

static enum drop
dispatch(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (c->state == TCP_SYN_SENT)
		return tcp_syn_sent_input(t, c, s);
	return is_crossed_syn_ack(c, s) ? arrive_crossed(t, c, s) : arrive(t, c, s);
}

enum drop
tcp_input(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	enum drop why;

	t->current = c;
	why = dispatch(t, c, s);
	if (c->state != TCP_CLOSED)
		tcp_conn_settle(t, c, s);
	t->current = NULL;
	return why;
}
