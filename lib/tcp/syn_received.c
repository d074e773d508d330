/* SPDX-License-Identifier: BSD-3-Clause */
/* SEGMENT ARRIVES in SYN-RECEIVED after a passive open (RFC 9293 3.10.7.4), and its timer.
 * Until the ACK comes, the connection is a half-open record. */
#include "tcp/accept.h"
#include "tcp/bare.h"
#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/steps.h"
#include "tcp/users.h"

#define REPLIES_MAX 15 /* replies to one half-open connection, beside its SYN-ACK */

static void
answer_half_open(struct tcp *t, struct half_open *h, struct seg *asked_by)
{
	counter_add(&t->count->segments_retransmitted, 1);
	handshake_answer(t, h, asked_by);
}

/* Send a challenge ACK to a wrong segment (RFC 5961 3 to 5). Each record has a limit of its
 * own, so that no peer learns from it what was sent to another (RFC 5961 7). Deviation from RFC
 * 7323 3.2: the answer is not longer than the segment, since a reset without timestamps may be
 * forged. A real sender of such a reset does not look for timestamps any more. */
static void
challenge_half_open(struct tcp *t, struct half_open *h, struct seg *s)
{
	unsigned shift = (h->peer.opts & SEG_OPT_WSCALE) ? t->rcv_wscale : 0;
	struct tcp_opts opts = {.present = 0};

	if (h->replies == REPLIES_MAX) {
		counter_add(&t->count->challenge_acks_limited, 1);
		return;
	}
	h->replies++;
	if (h->peer.opts & s->opts & SEG_OPT_TS) {
		opts.present = SEG_OPT_TS;
		opts.tsval = t->now.ms + h->ts_offset;
		opts.tsecr = h->peer.tsval;
	}
	counter_add(&t->count->challenge_acks, 1);
	tcp_send_bare(
	        t, s, h->iss + 1, h->irs + 1, (uint16_t)(tcp_syn_window(t) >> shift), &opts);
}

/* Keep the least MSS of all SYNs of the peer: it may hold to any of them (RFC 9293 3.7.1
 * MUST-16). */
static void
least_mss(struct syn_offer *peer, const struct seg *s)
{
	uint16_t was = (peer->opts & SEG_OPT_MSS) ? peer->mss : TCP_MSS_DEFAULT;
	uint16_t is = (s->opts & SEG_OPT_MSS) ? s->mss : TCP_MSS_DEFAULT;

	peer->mss = was < is ? was : is;
}

/* The peer repeats its SYN, and we repeat our SYN-ACK. Some peers repeat it with fewer options.
 * The answer has no option that the SYN lacks, or it would be longer than the SYN. It echoes
 * the newest timestamp (RFC 7323 4.3): an older one would make the peer measure a round trip as
 * long as its timeout. */
static enum drop
answer_syn_again(struct tcp *t, struct half_open *h, struct seg *s)
{
	if (!handshake_takes_text(s))
		return DROP_MSS_TINY;
	h->again = true;
	if (h->replies == REPLIES_MAX)
		return DROP_TCP_OLD;
	h->replies++;
	least_mss(&h->peer, s);
	h->peer.opts = (h->peer.opts & s->opts) | SEG_OPT_MSS;
	if ((h->peer.opts & SEG_OPT_TS) && seq_gt(s->tsval, h->peer.tsval))
		h->peer.tsval = s->tsval;
	answer_half_open(t, h, s);
	return DROP_TCP_OLD;
}

/* RFC 7323 3.2, 5.3 R1 */
static enum drop
check_half_open_timestamp(struct tcp *t, struct half_open *h, struct seg *s)
{
	if (!(h->peer.opts & SEG_OPT_TS) || (s->flags & TCP_RST))
		return DROP_NONE;
	if (!(s->opts & SEG_OPT_TS)) /* another SYN, of a newer connection, may have none */
		return (s->flags & TCP_SYN) ? DROP_NONE : DROP_TCP_TS_MISSING;
	if (!seq_lt(s->tsval, h->peer.tsval))
		return DROP_NONE;
	challenge_half_open(t, h, s);
	return DROP_TCP_PAWS;
}

/* First: the segment must lie inside the window that our SYN-ACK offered. */
static enum drop
check_half_open_window(struct tcp *t, struct half_open *h, struct seg *s)
{
	uint32_t at = s->seq - (h->irs + 1);

	/* A pure ACK may lie at the right edge: the peer has filled the window. */
	if (at < tcp_syn_window(t) ||
	        (at == tcp_syn_window(t) && seg_len(s) == 0 && !(s->flags & TCP_RST)))
		return DROP_NONE;
	if (s->flags & TCP_RST)
		return DROP_TCP_RST_WINDOW;
	challenge_half_open(t, h, s);
	return (s->flags & TCP_SYN)
	               ? DROP_TCP_SYN_CHALLENGED
	               : (seq_leq(s->seq, h->irs) ? DROP_TCP_OLD : DROP_SYN_WINDOW);
}

/* Second and fourth: RST and SYN. A passive open returns to LISTEN without telling the user. */
static enum drop
check_half_open_control(struct tcp *t, uint32_t i, struct half_open *h, struct seg *s)
{
	if ((s->flags & TCP_RST) && s->seq != h->irs + 1) {
		challenge_half_open(t, h, s);
		return DROP_TCP_RST_CHALLENGED;
	}
	if (s->flags & TCP_RST) {
		tcp_half_open_end(t, i);
		counter_add(&t->count->syn_reset, 1);
		return DROP_NONE;
	}
	if (s->flags & TCP_SYN) { /* the peer's next one finds a listener */
		tcp_half_open_end(t, i);
		return DROP_TCP_SYN_CHALLENGED;
	}
	return DROP_NONE;
}

/* Fifth: the ACK that turns the record into a connection. */
static enum drop
check_half_open_ack(struct tcp *t, uint32_t i, const struct half_open *h, struct seg *s)
{
	struct accept a = {
	        .iss = h->iss,
	        .irs = h->irs,
	        .ts_offset = h->ts_offset,
	        .peer = h->peer,
	        .half_open = REF_HALF_OPEN | i,
	        .syn_us = h->syn_us,
	        .again = h->again,
	        .listener = h->listener,
	};

	struct seg first;

	if (!(s->flags & TCP_ACK))
		return DROP_TCP_NO_ACK;
	if (s->ack == h->iss + 1)
		return accept_connection(t, &a, s);
	/* The first SYN may have been answered with a cookie, and a second one with this
	 * record. The record knows the sequence number, so text behind lost text can be
	 * checked, too. */
	first = *s;
	first.seq = h->irs + 1;
	if (accept_cookie(t, &first, &a) != DROP_NONE)
		return tcp_reset_stranger(t, s, DROP_TCP_ACK_HANDSHAKE);
	a.half_open = REF_HALF_OPEN | i;
	a.listener = h->listener;
	return accept_connection(t, &a, s);
}

/* Without a listener the record ends, and the peer is answered as by a closed port. A newer
 * listener of the same address and port takes the record over, as it would take the ACK of a
 * cookie. */
static bool
half_open_has_listener(struct tcp *t, struct half_open *h)
{
	if (users_listen(&t->user[h->listener], &h->key))
		return true;
	h->listener = tcp_find_listener(t, h->key.laddr, h->key.lport);
	return h->listener != TCP_NO_USER;
}

enum drop
tcp_half_open_input(struct tcp *t, uint32_t i, struct seg *s)
{
	struct half_open *h = half_open_at(&t->half, i);
	enum drop why;

	if (!half_open_has_listener(t, h)) {
		tcp_half_open_end(t, i);
		return tcp_reset_stranger(t, s, DROP_TCP_CLOSED);
	}
	if ((s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN && s->seq == h->irs)
		return answer_syn_again(t, h, s);
	if ((why = check_half_open_timestamp(t, h, s)) != DROP_NONE ||
	        (why = check_half_open_window(t, h, s)) != DROP_NONE ||
	        (why = check_half_open_control(t, i, h, s)) != DROP_NONE || !h->live)
		return why;
	return check_half_open_ack(t, i, h, s);
}

/* With 5 retransmissions a record lasts 63 s, where RFC 9293 3.8.3 (MUST-23) has 3 minutes for
 * a SYN. The peer can repeat its SYN, and an unproved peer should not hold a record for that
 * long. While cookies are sent, most peers without an answer are forged: no SYN-ACK is
 * repeated. */
static void
half_open_fired(struct tcp *t, uint32_t i)
{
	struct half_open *h = half_open_at(&t->half, i);
	uint32_t rto_ms;

	if (!half_open_has_listener(t, h)) {
		tcp_half_open_end(t, i);
		return;
	}
	if (h->rexmits >= t->conf.syn_retries) {
		counter_add(&t->count->syn_timeout, 1);
		tcp_half_open_end(t, i);
		return;
	}
	rto_ms = TCP_RTO_INIT_MS << (h->rexmits + 1);
	half_open_again(&t->half, i,
	        t->now.ms_up + (rto_ms < TCP_RTO_MAX_MS ? rto_ms : TCP_RTO_MAX_MS));
	if (!t->syn.stateless && answers_take(&t->syn_acks_again, h->key.raddr, t->now.us))
		answer_half_open(t, h, NULL);
}

bool
tcp_half_open_expire(struct tcp *t, unsigned most)
{
	unsigned done = 0;
	uint32_t i;

	while (done < most && (i = half_open_due(&t->half, t->now.ms)) != POOL_NONE) {
		half_open_fired(t, i);
		done++;
	}
	return done != 0;
}
