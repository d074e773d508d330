/* SPDX-License-Identifier: BSD-3-Clause */
/* The LISTEN state of SEGMENT ARRIVES (RFC 9293 3.10.7.2). A half-open record remembers a SYN,
 * or its answer does (RFC 4987 3.6). */
#include "tcp/accept.h"
#include "tcp/bare.h"
#include "tcp/handshake.h"
#include "tcp/life.h"
#include "tcp/pressure.h"
#include "tcp/steps.h"

static void
evict_half_open(struct tcp *t, uint32_t i)
{
	tcp_half_open_end(t, i);
	counter_add(&t->count->syn_evicted, 1);
}

/* Take a half-open record. If none is free, the one that has been silent for longest is
 * ended. */
static uint32_t
take_half_open(struct tcp *t, const struct flow_key *key)
{
	uint32_t due_ms = t->now.ms_up + TCP_RTO_INIT_MS;
	uint32_t i = half_open_take(&t->half, key, due_ms);

	if (i != POOL_NONE)
		return i;
	i = half_open_oldest(&t->half);
	if (i == POOL_NONE)
		return i;
	evict_half_open(t, i);
	return half_open_take(&t->half, key, due_ms);
}

/* Text on the SYN is not acknowledged, so the peer sends it again. */
static enum drop
remember_syn(struct tcp *t, uint8_t listener, struct seg *s, uint32_t iss_floor)
{
	uint32_t i = take_half_open(t, &s->key);
	struct prf_block f[2];
	struct half_open *h;

	if (i == POOL_NONE)
		return DROP_SYN_BACKLOG;
	if (flow_table_insert(&t->table, s->hash, REF_HALF_OPEN | i) != 0) {
		half_open_give(&t->half, i);
		return DROP_SYN_BACKLOG;
	}
	prf_two(&t->isn_prf, &t->cookies.ts, flow_block(&s->key), f);
	h = half_open_at(&t->half, i);
	h->irs = s->seq;
	h->iss = handshake_iss(t, f[0], iss_floor);
	h->ts_offset = (uint32_t)f[1].lo + t->ts_ahead_ms;
	h->peer = offer_of(s);
	h->hash = s->hash;
	h->syn_us = (uint32_t)t->now.us;
	h->port = s->port;
	h->listener = listener;
	counter_add(&t->count->syn_received, 1);
	handshake_answer(t, h, s);
	return DROP_NONE;
}

static enum drop
take_cookie_ack(struct tcp *t, uint8_t listener, struct seg *s)
{
	struct accept a;
	enum drop why = accept_cookie(t, s, &a);

	if (why == DROP_NONE) {
		a.half_open = FLOW_NONE;
		a.listener = listener;
		return accept_connection(t, &a, s);
	}
	/* Only the first text can be checked. Text behind lost text may belong to an honest
	 * connection: it gets no reset, and the peer sends it again. */
	if (why != DROP_TCP_LISTEN_FLAGS && seg_len(s) != 0)
		return why;
	return tcp_reset_stranger(t, s, why);
}

/* Put the SYN off: its cookie is computed with those of the whole burst. */
static enum drop
put_off_syn(struct tcp *t, struct seg *s)
{
	if (!cookie_fits(s))
		return DROP_SYN_MSS;
	t->syns.seg[t->syns.n++] = s;
	return DROP_NONE;
}

/* Refuse the SYN. A client without an answer tries again, or elsewhere, and so does a
 * balancer's probe. A client that got a SYN-ACK and then nothing would believe that it is
 * connected. */
static enum drop
refuse_syn(struct tcp *t, struct seg *s)
{
	return t->conf.refuse ? tcp_reset_stranger(t, s, DROP_CONN_FULL) : DROP_CONN_FULL;
}

/* The address of the SYN, or its /24, holds its share of the half-open records. A cookie
 * answers, so that all clients behind such an address get in. Where no cookie may answer, or
 * none can hold the floor of the numbers after a TIME-WAIT, a record of the same source makes
 * room: a source displaces itself alone. True: the SYN may have a record; otherwise *why says
 * what became of it. */
static bool
admit_from_full_source(struct tcp *t, struct seg *s, uint32_t iss_floor, enum drop *why)
{
	uint32_t own;

	counter_add(&t->count->syn_capped, 1);
	if (iss_floor == 0 && t->syn.set != SYN_COOKIE_OFF && cookie_fits(s)) {
		*why = put_off_syn(t, s);
		return false;
	}
	own = half_open_of_source(&t->half, s->key.raddr);
	*why = DROP_SYN_CAP;
	if (own != POOL_NONE)
		evict_half_open(t, own);
	return own != POOL_NONE;
}

enum drop
tcp_listen_input(struct tcp *t, uint8_t listener, struct seg *s, uint32_t iss_floor)
{
	enum drop why;

	if (s->flags & TCP_RST) /* first */
		return DROP_TCP_LISTEN_FLAGS;
	if (s->flags & TCP_ACK) /* second; but it may acknowledge a cookie */
		return take_cookie_ack(t, listener, s);
	/* third; no TCP sends a SYN with FIN */
	if ((s->flags & (TCP_SYN | TCP_FIN)) != TCP_SYN)
		return DROP_TCP_LISTEN_FLAGS;
	if (t->refusing)
		return tcp_reset_stranger(t, s, DROP_SYN_DRAINING);
	if (!handshake_takes_text(s))
		return tcp_reset_stranger(t, s, DROP_MSS_TINY);
	if (pressure_is_full(t))
		return refuse_syn(t, s);

	syn_mode_syn(&t->syn, t->half.pool.used, t->half.pool.capacity);
	/* the peer of a TIME-WAIT is proved, and no cookie holds the floor */
	if (iss_floor == 0 && t->syn.stateless)
		return put_off_syn(t, s);
	if (half_open_source_is_full(&t->half, s->key.raddr) &&
	        !admit_from_full_source(t, s, iss_floor, &why))
		return why;
	return remember_syn(t, listener, s, iss_floor);
}

static void
answer_syn_alone(struct tcp *t, struct seg *s, const struct cookie *c)
{
	struct syn_offer peer = offer_of(s);

	handshake_send_syn_ack(t, &(struct syn_ack) {
	                                  .key = &s->key,
	                                  .iss = c->iss,
	                                  .irs = s->seq,
	                                  .tsval = c->tsval,
	                                  .peer = &peer,
	                                  .port = s->port,
	                                  .asked_by = s,
	                          });
}

void
tcp_answer_syns(struct tcp *t)
{
	struct cookie cookie[LIMIT_BURST];
	struct tcp_syns *y = &t->syns;

	cookie_make_burst(&t->cookies, y->seg, cookie, y->n, tcp_ts_ms(t));
	if (t->answer_syns != NULL)
		t->answer_syns(t->below, y->seg, cookie, y->n);
	for (unsigned i = 0; i < y->n; i++)
		if (y->seg[i]->buf != NULL)
			answer_syn_alone(t, y->seg[i], &cookie[i]);
	counter_add(&t->count->cookies_sent, y->n);
	cookie_keys_sent(&t->cookies);
	y->n = 0;
}
