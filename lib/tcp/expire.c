/* SPDX-License-Identifier: BSD-3-Clause */
/* A handler for each timer of a connection that has fired: retransmission, probe, deadline,
 * orphan's time, or a look at the reassembly queue. timers.c arms and stops timers. */
#include "tcp/cc.h"
#include "tcp/held.h"
#include "tcp/life.h"
#include "tcp/loss.h"
#include "tcp/mtu.h"
#include "tcp/output.h"
#include "tcp/pend.h"
#include "tcp/pressure.h"
#include "tcp/rtt.h"
#include "tcp/tell.h"
#include "tcp/time_wait.h"
#include "tcp/timers.h"

#define EXPIRE_BATCH 32
/* Timers that a turn moves down in the wheel, with one or two cache misses each. */
#define MOVES        128
#define FULL_MOST_MS 10000 /* longest silence of a peer that a full port may explain */
/* A segment that a port took this long before it was full may still stand in its queue. */
#define FULL_QUEUE_MS 100
/* The unit of tcp_conn.heard. */
#define IDLE_STAMP_MS 66

/* R2 is passed (RFC 9293 3.8.3), or an orphan's time. An ICMP error during the silence is a
 * better reason than a timeout. */
static void
give_up_conn(struct tcp *t, struct tcp_conn *c)
{
	bool opening = c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;
	uint8_t heard = opening || c->rexmits != 0 ? tcp_rare(t, c)->soft_error : 0;
	enum hf_reason why = heard != 0 ? (enum hf_reason)heard : HF_TIMEOUT;

	if (opening) {
		tcp_not_opened(t, c, why);
		return;
	}
	counter_add(&t->count->conn_timeout, 1);
	tcp_conn_end(t, c, why);
}

/* RFC 9293 3.8.3, MUST-23: a SYN is sent again for at least 3 minutes; 7 retransmissions take
 * 183 s. A next hop that has not answered ARP in the three seconds before the second
 * retransmission ends the attempt: no host can hear the SYN. */
static void
send_syn_again(struct tcp *t, struct tcp_conn *c)
{
	if (c->rexmits == 1 && !t->resolved(t->below, c->port, c->key.raddr)) {
		tcp_not_opened(t, c, HF_HOST_UNREACHABLE);
		return;
	}
	if (c->rexmits >= t->conf.connect_retries) {
		give_up_conn(t, c);
		return;
	}
	c->rexmits++;
	c->flags |= CONN_SYN_AGAIN;
	counter_add(&t->count->segments_retransmitted, 1);
	resent_segment(t, c, 0);
	resent_timeout(t, c);
	tcp_send_syn(t, c);
	tcp_timers_again(t, c, rtt_rto_ms(t, c, c->rexmits));
}

/* After a simultaneous open. */
static void
send_syn_ack_again(struct tcp *t, struct tcp_conn *c)
{
	if (c->rexmits >= t->conf.syn_retries) {
		give_up_conn(t, c);
		return;
	}
	c->rexmits++;
	c->flags |= CONN_SYN_AGAIN;
	counter_add(&t->count->segments_retransmitted, 1);
	resent_segment(t, c, 0);
	resent_timeout(t, c);
	tcp_send_syn_ack(t, c, NULL);
	tcp_timers_again(t, c, rtt_rto_ms(t, c, c->rexmits));
}

static unsigned
retries_most(const struct tcp *t, const struct tcp_conn *c)
{
	unsigned own = tcp_rare(t, c)->retries;

	return own != 0 ? own : t->conf.retries;
}

/* Count one more attempt. An ICMP error of an earlier silence is forgotten. */
static void
count_attempt(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);

	if (c->rexmits == 0)
		r->soft_error = 0;
	r->soft_told = 0;
	c->rexmits++;
}

static void
persist_fired(struct tcp *t, struct tcp_conn *c)
{
	struct tcp_rare *r = tcp_rare(t, c);

	/* A peer that answers may keep its window shut (RFC 9293 3.8.6.1, MUST-37), but not
	 * when the application has left (RFC 6429 3). */
	if ((c->flags & CONN_APP_GONE) && r->probes >= retries_most(t, c)) {
		tcp_send_rst(t, c, NULL);
		give_up_conn(t, c);
		return;
	}
	if (c->rexmits >= retries_most(t, c)) {
		give_up_conn(t, c);
		return;
	}
	count_attempt(t, c);
	if (r->probes < UINT8_MAX)
		r->probes++;
	counter_add(&t->count->zero_window_probes, 1);
	tcp_send_probe(t, c);
	if (c->snd_nxt != c->snd_una) { /* the segment was more than a probe */
		c->timers &= ~TIMER_PERSIST;
		c->rexmits = 0; /* this is its first transmission */
		tcp_timers_again(t, c, rtt_rto_ms(t, c, c->rexmits));
		return;
	}
	tcp_timers_again(t, c, tcp_timers_persist_ms(t, c));
}

/* RFC 6298 5.4 to 5.6, RFC 5681 3.1 */
static void
timeout_go_back(struct tcp *t, struct tcp_conn *c)
{
	uint32_t flight = c->snd_nxt - c->snd_una;

	count_attempt(t, c);
	counter_add(&t->count->rto_fired, 1);
	resent_timeout(t, c);
	mtu_timeout(t, c);
	t->conf.cc->timeout(c, flight);
	c->dupacks = 0;
	/* RFC 6582 3.2 (4): no fast retransmit of what this timeout repeats */
	c->flags &= (uint16_t)~CONN_RECOVERY;
	c->timers &= ~TIMER_RTT;
	loss_guard(t, c);
	c->snd_nxt = c->snd_una;
	tcp_send_again(t, c, NULL);
	tcp_timers_again(t, c, rtt_rto_ms(t, c, c->rexmits));
}

static void
rexmt_fired(struct tcp *t, struct tcp_conn *c)
{
	if (c->state == TCP_SYN_SENT) {
		send_syn_again(t, c);
		return;
	}
	if (c->state == TCP_SYN_RECEIVED) {
		send_syn_ack_again(t, c);
		return;
	}
	if (c->snd_wnd == 0) {
		/* The peer has shut its window over the segments in flight. Probe it as usual,
		 * as long as the peer answers (RFC 9293 3.8.6). */
		c->snd_nxt = c->snd_una;
		c->timers |= TIMER_PERSIST;
		tcp_rare(t, c)->probes = c->rexmits;
		persist_fired(t, c);
		return;
	}
	if (c->rexmits >= retries_most(t, c)) {
		give_up_conn(t, c);
		return;
	}
	timeout_go_back(t, c);
}

static bool
ms_is_between(uint32_t ms, uint32_t from, uint32_t to)
{
	return ms - from <= to - from;
}

/* Text that waits at our own full port, or has just left it, is not lost: the time for an
 * answer begins when text leaves the port. Returns the rest of that time; 0: none is left. The
 * retransmission timer began when the port had the oldest segment, or when that reached it. */
static uint32_t
ms_for_port(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_waiting *h = &t->waiting_for[c->port];
	uint32_t rto = rtt_rto_ms(t, c, c->rexmits);
	uint32_t began = c->rexmt_at - rto, end = h->to_ms + rto;

	if (c->timers & TIMER_PERSIST || c->state < TCP_ESTABLISHED || c->snd_wnd == 0)
		return 0;
	if (tcp_port_is_full(t, c) &&
	        ms_is_between(began, h->full_ms - FULL_QUEUE_MS, t->now.ms_up) &&
	        clock_stamp_age_ms(t->now, c->heard) < FULL_MOST_MS)
		return rto;
	if (ms_is_between(began, h->from_ms - FULL_QUEUE_MS, h->to_ms) &&
	        seq_lt(t->now.ms, end))
		return end - t->now.ms;
	return 0;
}

static void
answer_is_late(struct tcp *t, struct tcp_conn *c)
{
	uint32_t more_ms = ms_for_port(t, c);
	unsigned before = c->rexmits;

	c->timers &= ~TIMER_REXMT;
	if (more_ms != 0) {
		tcp_timers_again(t, c, more_ms);
		return;
	}
	/* the first probe repeats nothing */
	if (!(c->timers & TIMER_PERSIST) || c->rexmits != 0)
		t->silent(t->below, c);
	if (c->timers & TIMER_PERSIST)
		persist_fired(t, c);
	else
		rexmt_fired(t, c);
	if (c->rexmits == TCP_R1 && before != TCP_R1 && c->state >= TCP_ESTABLISHED)
		tcp_tell_soft_error(t, c, HF_TIMEOUT);
}

/* No application waits for the connection. In FIN-WAIT-2 the peer has only not closed:
 * nothing is sent. Otherwise it does not take the queued data, and a reset says that no more
 * will come. */
static void
orphan_ended(struct tcp *t, struct tcp_conn *c)
{
	if (c->state != TCP_FIN_WAIT_2 && tcp_abort_resets(c))
		tcp_send_rst(t, c, NULL);
	give_up_conn(t, c);
}

static void
deadline_passed(struct tcp *t, struct tcp_conn *c)
{
	bool opening = c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;

	counter_add(&t->count->deadlines_passed, !(c->flags & CONN_ABORT));
	/* an application that has reset the connection hears no more of it */
	if ((c->flags & CONN_ABORT) || tcp_tell_deadline(t, c)) {
		tcp_conn_settle(t, c, NULL);
		return;
	}
	counter_add(&t->count->connect_timeout, opening);
	tcp_conn_abort(t, c, NULL, HF_TIMEOUT);
}

/* The idle timeout of a listener counts from the peer's last progress. That stamp may be wrong
 * by its unit, and the timeout comes late rather than early. */
static bool
idle_goes_on(struct tcp *t, struct tcp_conn *c)
{
	uint32_t most = t->user[c->user].idle_ms + IDLE_STAMP_MS;
	uint64_t age = clock_stamp_age_ms(t->now, c->heard);

	if (!tcp_rare(t, c)->idle || (c->flags & (CONN_APP_GONE | CONN_ABORT)) || age >= most)
		return false;
	tcp_timers_idle(t, c, (uint32_t)(most - age));
	return true;
}

/* The idle timeout has passed, and the application keeps the connection. */
static void
idle_again(struct tcp *t, struct tcp_conn *c)
{
	uint32_t idle_ms = t->user[c->user].idle_ms;

	if (idle_ms != 0 && tcp_rare(t, c)->idle && !(c->timers & TIMER_LIFE) &&
	        !(c->flags & (CONN_APP_GONE | CONN_ABORT)))
		tcp_timers_idle(t, c, idle_ms);
}

static void
conn_fired(struct tcp *t, struct tcp_conn *c)
{
	if ((c->timers & TIMER_LIFE) && seq_leq(c->life_at, t->now.ms) &&
	        !(t->user[c->user].idle_ms != 0 && idle_goes_on(t, c))) {
		c->timers &= ~TIMER_LIFE;
		if (c->flags & CONN_APP_GONE)
			orphan_ended(t, c);
		else
			deadline_passed(t, c);
		if (c->state == TCP_CLOSED)
			return;
		idle_again(t, c);
	}
	if ((c->timers & TIMER_REXMT) && seq_leq(c->rexmt_at, t->now.ms)) {
		answer_is_late(t, c);
		if (c->state == TCP_CLOSED)
			return;
	}
	if (c->reasm != POOL_NONE && tcp_timers_look_fired(t, c))
		held_look(t, c);
	tcp_timers_rearm(t, c);
}

bool
tcp_expire(struct tcp *t, unsigned most)
{
	uint32_t due[EXPIRE_BATCH], moves = MOVES;
	unsigned n, done = 0;

	do {
		n = wheel_expire_some(&t->wheel, t->now.ms, due, EXPIRE_BATCH, &moves);
		for (unsigned i = 0; i < n; i++)
			__builtin_prefetch(tcp_conn_at(t, due[i]), 1);
		for (unsigned i = 0; i < n; i++) {
			struct tcp_conn *c = tcp_conn_at(t, due[i]);

			t->current = c;
			conn_fired(t, c);
		}
		done += n;
	} while (n == EXPIRE_BATCH && done < most);
	t->current = NULL;
	return pressure_relieve(t) || done != 0 || moves != MOVES;
}

bool
tcp_is_settled(const struct tcp *t)
{
	return t->wheel.now == t->now.ms && !time_wait_is_due(t) &&
	       half_open_due(&t->half, t->now.ms) == POOL_NONE;
}

void
tcp_expire_later(struct tcp *t)
{
	uint32_t moves = MOVES;

	wheel_settle(&t->wheel, &moves);
}
