/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps of SEGMENT ARRIVES for synchronized states, and for the SYN-RECEIVED of a
 * simultaneous open (RFC 9293 3.10.7.4). syn_sent.c has SYN-SENT; syn_received.c has the
 * SYN-RECEIVED of a listener. */
#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/steps.h"
#include "tcp/urgent.h"

/* Second: only a reset at exactly RCV.NXT is believed (RFC 5961 3.2). A reset in CLOSING or
 * LAST-ACK counts as one: our FIN is not acknowledged, so the peer may not have read to the
 * end. (The RFC tells the user nothing there, because both have closed; sockets say
 * ECONNRESET.) */
enum drop
check_rst(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (!(s->flags & TCP_RST))
		return DROP_NONE;
	if (s->seq != c->rcv_nxt) {
		tcp_send_challenge(t, c, s);
		return DROP_TCP_RST_CHALLENGED;
	}
	if (c->state ==
	        TCP_SYN_RECEIVED) { /* the peer refused our SYN, which had crossed its own */
		counter_add(&t->count->conn_refused, 1);
		tcp_conn_end(t, c, HF_REFUSED);
		return DROP_NONE;
	}
	counter_add(&t->count->conn_reset, 1);
	tcp_conn_end(t, c, HF_RESET);
	return DROP_NONE;
}

/* Fourth: the SYN lies in the window, because check_seq() has let it pass. */
enum drop
check_syn(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (!(s->flags & TCP_SYN))
		return DROP_NONE;
	tcp_send_challenge(t, c, s); /* RFC 5961 4.2 */
	return DROP_TCP_SYN_CHALLENGED;
}

static enum drop
run_steps(struct tcp *t, struct tcp_conn *c, struct seg *s)
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

	if (s->flags & TCP_URG) /* sixth */
		take_urgent(t, c, s, v.seq);
	return take_text(t, c, s); /* seventh, eighth */
}

/* Simultaneous open (RFC 9293 3.5, figure 8): the peer's SYN-ACK repeats the SYN that we know,
 * and acknowledges ours. */
static bool
is_crossed_syn_ack(const struct tcp_conn *c, const struct seg *s)
{
	return c->state == TCP_SYN_RECEIVED &&
	       (s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK) &&
	       s->seq + 1 == c->rcv_nxt && s->ack == c->snd_nxt;
}

/* Trim the SYN off, as the RFC has it. The rest is an ACK with a window that is not scaled (RFC
 * 7323 2.2). */
static enum drop
take_crossed_syn_ack(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	struct verdict v;
	uint32_t seq = s->seq;
	enum drop why;

	s->flags &= (uint8_t)~TCP_SYN;
	s->seq++;
	if ((why = check_seq(t, c, s, &v)) != DROP_NONE)
		return why;
	admit(t, c, s, &v);
	handshake_done(t, c, s, s->wnd, true);
	if (s->flags & TCP_URG)
		take_urgent(t, c, s, seq);
	return take_text(t, c, s);
}

static enum drop
dispatch_state(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (c->state == TCP_SYN_SENT)
		return tcp_syn_sent_input(t, c, s);
	return is_crossed_syn_ack(c, s) ? take_crossed_syn_ack(t, c, s) : run_steps(t, c, s);
}

enum drop
tcp_input(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	enum drop why;

	t->current = c;
	why = dispatch_state(t, c, s);
	if (c->state != TCP_CLOSED)
		tcp_conn_settle(t, c, s);
	t->current = NULL;
	return why;
}
