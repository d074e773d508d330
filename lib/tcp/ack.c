/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps of an acknowledgment: fifth, check the ACK field (RFC 9293 3.10.7.4, RFC 5961
 * 5.2). */
#include "tcp/bare.h"
#include "tcp/cc.h"
#include "tcp/crowd.h"
#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/loss.h"
#include "tcp/output.h"
#include "tcp/rtt.h"
#include "tcp/sends.h"
#include "tcp/steps.h"
#include "tcp/tell.h"
#include "tcp/timers.h"

#define DUPACK_THRESHOLD 3 /* RFC 5681 3.2 */

static void
note_window(struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	uint32_t wnd = (uint32_t)s->wnd << c->snd_wscale;

	if (wnd > c->snd_wnd) { /* never above max_snd_wnd */
		struct tcp_rare *r = tcp_rare(t, c);

		if (wnd > r->max_snd_wnd)
			r->max_snd_wnd = wnd;
	}
	c->snd_wnd = wnd;
	c->snd_wl1 = s->seq;
}

/* RFC 7323 4.1 with timestamps, RFC 6298 3 (Karn) without. Returns whether a round trip was
 * measured. */
static bool
measure_round_trip(struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	if (c->flags & CONN_TS)
		return rtt_measure_echo(t, c, s);
	if (c->timers & TIMER_RTT) {
		const struct tcp_rare *r = tcp_rare(t, c);

		if (seq_geq(s->ack, r->rtt_seq)) {
			c->timers &= ~TIMER_RTT;
			rtt_sample(c, (uint32_t)t->now.us - r->rtt_us);
			return true;
		}
	}
	return false;
}

/* RFC 6582 3.2 (3): an ACK of new data while in recovery, full or partial. */
static void
recovery_acked(struct tcp *t, struct tcp_conn *c, struct seg *s, uint32_t bytes)
{
	if (seq_geq(s->ack, loss_of(t, c)->recover)) {
		c->flags &= (uint16_t)~CONN_RECOVERY;
		t->conf.cc->recovered(c, c->snd_max - s->ack);
		return;
	}
	t->conf.cc->partial(c, bytes);
	tcp_send_again(t, c, NULL);
}

/* SND.UNA < SEG.ACK =< SND.MAX */
static void
take_new_ack(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	uint32_t bytes = s->ack - c->snd_una;
	uint32_t flight = c->snd_max - c->snd_una;
	bool fin = (c->flags & CONN_FIN_SENT) && s->ack == c->snd_max;
	/* RFC 6582 4, "impatient": only the first partial ACK restarts the timer. Each partial
	 * ACK repairs one loss a round trip. An overflowed queue loses hundreds of segments,
	 * and the timeout is then quicker. */
	bool restarts = !(c->flags & CONN_RECOVERY) || c->dupacks != 0;

	if (!measure_round_trip(t, c, s) && c->rexmits != 0)
		rtt_keep_backoff(t, c, c->rexmits);
	c->snd_una = s->ack;
	if (seq_lt(c->snd_nxt, c->snd_una))
		c->snd_nxt = c->snd_una;
	sends_acked(t, c, s->ack);
	counter_add(&t->count->text_bytes_out, bytes - fin);
	c->dupacks = 0;
	c->proved |= bytes >= c->mss;
	if (c->guarded && seq_gt(s->ack, loss_of(t, c)->recover))
		c->guarded = 0;
	if (c->flags & CONN_RECOVERY)
		recovery_acked(t, c, s, bytes);
	else
		t->conf.cc->acked(c, bytes, flight);

	if (c->snd_una == c->snd_max) {
		loss_settle(t, c);
		tcp_timers_all_acked(t, c);
	} else if (restarts || !(c->flags & CONN_RECOVERY)) {
		tcp_timers_some_acked(t, c);
	}
	if (bytes - fin != 0) {
		tcp_heard(t, c);
		crowd_proved(c);
		if (c->flags & CONN_APP_GONE)
			tcp_timers_orphan_acked(t, c, bytes);
		tcp_tell_room(t, c);
	}
}

/* RFC 5681 3.2 (2) to (4), RFC 6582 3.2 (2). */
static void
take_duplicate_ack(struct tcp *t, struct tcp_conn *c)
{
	counter_add(&t->count->duplicate_acks, 1);
	if (c->flags & CONN_RECOVERY) {
		const struct tcp_loss *l = loss_of(t, c);

		t->conf.cc->duplicate(c, l->recover - c->snd_una, c->snd_max - l->recover);
		return;
	}
	if (c->dupacks == DUPACK_THRESHOLD)
		return;
	c->dupacks++;
	/* RFC 6582 3.2 (2): only if more than `recover` is acknowledged. Else the duplicates
	 * may answer what the last recovery, or a timeout, sent twice. */
	if (c->dupacks != DUPACK_THRESHOLD || c->guarded || !loss_guard(t, c))
		return;
	counter_add(&t->count->fast_retransmits, 1);
	c->flags |= CONN_RECOVERY;
	c->timers &= ~TIMER_RTT;
	t->conf.cc->lost(c, c->snd_max - c->snd_una);
	tcp_send_again(t, c, NULL);
}

/* RFC 5681 2, (a) to (e) */
static bool
is_duplicate(const struct tcp_conn *c, const struct seg *s, uint32_t old_wnd)
{
	return s->ack == c->snd_una && c->snd_una != c->snd_max && s->len == 0 &&
	       !(s->flags & TCP_FIN) && ((uint32_t)s->wnd << c->snd_wscale) == old_wnd &&
	       !(c->timers & TIMER_PERSIST);
}

/* RFC 6675 2: a segment is a duplicate ACK if its first SACK block, the most recent arrival
 * (RFC 2018 4), differs from the first block of the ACK before. A report of text that came
 * twice is none: it lies below the ACK, or inside the second block (RFC 2883 4). */
static bool
tells_of_arrival(struct tcp *t, struct tcp_conn *c, const struct seg *s)
{
	struct sack_block b = seg_sack_block(s, 0), whole;
	struct tcp_loss *l;
	uint32_t word = b.left * 0x9e3779b1u + b.right;

	if (seq_leq(b.left, c->snd_una) || seq_geq(b.left, b.right) ||
	        seq_gt(b.right, c->snd_max))
		return false;
	if (s->nsack > 1) {
		whole = seg_sack_block(s, 1);
		if (seq_leq(whole.left, b.left) && seq_leq(b.right, whole.right))
			return false;
	}
	l = loss_take(t, c);
	if (l == NULL || word == l->sack_seen)
		return false;
	l->sack_seen = word;
	return true;
}

/* SND.UNA is acknowledged again: does the segment say that another one has left the network?
 * Where SACK was agreed on, only a SACK block says so: copies of ACKs look like duplicates. */
static bool
tells_of_loss(struct tcp *t, struct tcp_conn *c, const struct seg *s, uint32_t old_wnd)
{
	if (c->flags & CONN_SACK)
		return (s->opts & SEG_OPT_SACK) && tells_of_arrival(t, c, s);
	return is_duplicate(c, s, old_wnd);
}

/* Change the state for the acknowledgment of our FIN. */
static void
fin_acked(struct tcp *t, struct tcp_conn *c)
{
	switch ((enum tcp_state)c->state) {
	case TCP_FIN_WAIT_1:
		c->state = TCP_FIN_WAIT_2;
		if (c->flags & CONN_APP_GONE)
			tcp_timers_orphaned(t, c);
		break;
	case TCP_CLOSING:
		c->state = TCP_TIME_WAIT;
		break;
	case TCP_LAST_ACK:
		counter_add(&t->count->conn_closed, 1);
		tcp_conn_end(t, c, HF_CLOSED);
		break;
	case TCP_CLOSED:
	case TCP_LISTEN:
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
	case TCP_ESTABLISHED:
	case TCP_FIN_WAIT_2:
	case TCP_CLOSE_WAIT:
	case TCP_TIME_WAIT:
	case TCP_STATES:
		break;
	}
}

enum drop
check_ack(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	if (!(s->flags & TCP_ACK))
		return DROP_TCP_NO_ACK;
	/* SYN-RECEIVED of a simultaneous open: only the handshake's last ACK is acceptable. */
	if (c->state == TCP_SYN_RECEIVED)
		return s->ack == c->snd_nxt ? DROP_NONE
		                            : tcp_reset_stranger(t, s, DROP_TCP_ACK_HANDSHAKE);

	if (seq_gt(s->ack, c->snd_max)) {
		tcp_send_challenge(t, c, s);
		return DROP_TCP_ACK_UNSENT;
	}
	if (seq_lt(s->ack, c->snd_una) && c->snd_una - s->ack > tcp_rare(t, c)->max_snd_wnd) {
		tcp_send_challenge(t, c, s);
		return DROP_TCP_ACK_OLD;
	}
	return DROP_NONE;
}

void
take_ack(struct tcp *t, struct tcp_conn *c, struct seg *s)
{
	uint32_t old_wnd = c->snd_wnd;

	if (c->state == TCP_SYN_RECEIVED) {
		handshake_done(t, c, s, (uint32_t)s->wnd << c->snd_wscale, true);
		return;
	}
	if (seq_lt(s->ack, c->snd_una))
		return; /* the ACK is old, but the text may be new */

	/* Any ACK answers a probe. */
	if ((c->timers & TIMER_PERSIST) && c->rexmits != 0) {
		t->heard(t->below, c);
		c->rexmits = 0;
	}
	/* An ACK that advances is newer than all before it, even if its segment is older than
	 * one that came out of order. Without its window, the noted window would move on with
	 * SND.UNA, beyond what the peer offered. */
	if (s->ack != c->snd_una || seq_leq(c->snd_wl1, s->seq))
		note_window(t, c, s);
	if (c->snd_wnd > old_wnd)
		tcp_timers_window_opened(t, c);

	if (s->ack != c->snd_una)
		take_new_ack(t, c, s);
	else if (tells_of_loss(t, c, s, old_wnd))
		take_duplicate_ack(t, c);
	if ((c->flags & CONN_FIN_SENT) && c->snd_una == c->snd_max)
		fin_acked(t, c);
}
