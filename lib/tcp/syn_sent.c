/* SPDX-License-Identifier: BSD-3-Clause */
/* SEGMENT ARRIVES in SYN-SENT (RFC 9293 3.10.7.3). */
#include "tcp/bare.h"
#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/output.h"
#include "tcp/steps.h"
#include "tcp/timers.h"
#include "tcp/urgent.h"

/* Second: a reset counts only if it acknowledges our SYN, since its sender has seen the SYN
 * (RFC 5961 3.2). */
static enum drop
check_refusal(struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	if (!(s->flags & TCP_RST))
		return DROP_NONE;
	if (!(s->flags & TCP_ACK))
		return DROP_TCP_RST_UNPROVED;
	counter_add(&t->count->conn_refused, 1);
	tcp_conn_end(t, c, HF_REFUSED);
	return DROP_NONE;
}

/* Fourth: the peer's SYN. */
static void
take_syn(struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	struct syn_offer offer = offer_of(s);

	c->rcv_nxt = s->seq + 1;
	c->rcv_adv = c->rcv_nxt + tcp_syn_window(t); /* our SYN offered it */
	c->last_ack_sent = c->rcv_nxt;
	handshake_agree(t, c, &offer, t->conf.offer);
}

/* Refuse a peer whose MSS is too small. A SYN without an ACK may come from an attacker that
 * guesses our port, and changes nothing. */
static enum drop
refuse_peer(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (!(s->flags & TCP_ACK))
		return DROP_MSS_TINY;
	tcp_reset_stranger(t, s, DROP_MSS_TINY);
	tcp_not_opened(t, c, HF_BAD_PROTOCOL);
	return DROP_MSS_TINY;
}

/* Begin a simultaneous open. Text on the SYN is not acknowledged, so the peer sends it again.
 */
static enum drop
enter_syn_received(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	c->state = TCP_SYN_RECEIVED;
	c->snd_wnd = s->wnd;
	c->snd_wl1 = s->seq;
	c->rexmits = 0;
	tcp_send_syn_ack(t, c, s);
	tcp_timers_syn_sent(t, c);
	return DROP_NONE;
}

/* Take an urgent mark, text and FIN that came with the SYN. */
static enum drop
take_rest_of_syn(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	struct verdict v;
	uint32_t seq = s->seq;
	enum drop why;

	s->seq++;
	s->flags &= (uint8_t)~TCP_SYN;
	if (seg_len(s) == 0 && !(s->flags & TCP_URG))
		return DROP_NONE;
	why = check_seq(t, c, s, &v); /* the window is the one that our SYN offered */
	if (why != DROP_NONE)
		return why;
	admit(t, c, s, &v);
	if (s->flags & TCP_URG)
		take_urgent(t, c, s, seq);
	return take_text(t, c, s);
}

enum drop
tcp_syn_sent_input(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	enum drop why;

	/* first: SND.UNA < SEG.ACK =< SND.NXT, which is ISS + 1 */
	if ((s->flags & TCP_ACK) && s->ack != c->snd_nxt)
		return tcp_reset_stranger(t, s, DROP_TCP_ACK_HANDSHAKE);
	if ((why = check_refusal(t, c, s)) != DROP_NONE || c->state == TCP_CLOSED)
		return why;
	if (!(s->flags & TCP_SYN)) /* fifth */
		return DROP_TCP_NO_SYN;
	if (!handshake_takes_text(s))
		return refuse_peer(t, c, s);
	take_syn(t, c, s);
	if (!(s->flags & TCP_ACK))
		return enter_syn_received(t, c, s);
	c->flags |= CONN_ACK_NOW;
	handshake_done(t, c, s, s->wnd, true);
	return take_rest_of_syn(t, c, s);
}
