/* SPDX-License-Identifier: BSD-3-Clause */
/* What a stack holds, told to those who ask. */
#include "stack/private.h"
#include "tcp/output.h"

const char *const stack_state_names[] = {
        "SYN-SENT",
        "SYN-RECEIVED",
        "ESTABLISHED",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "CLOSE-WAIT",
        "CLOSING",
        "LAST-ACK",
        "TIME-WAIT",
        NULL,
};

struct stack_usage
stack_usage(const struct stack *st)
{
	const struct tcp *t = &st->tcp;
	uint32_t waiting = 0;

	for (unsigned i = 0; i < STACK_PORTS; i++)
		waiting += st->port[i].waiting.n;
	return (struct stack_usage) {
	        .conns = t->conns.used,
	        .half_open = t->half.pool.used,
	        .time_wait = t->tw.live,
	        .timers = t->wheel.armed,
	        .kept = t->kept,
	        .send_queued = t->sends.used,
	        .reasm_queued = t->holes.used,
	        .waiting = waiting,
	        .bytes = st->bytes,
	};
}

struct stack_syn
stack_syn(const struct stack *st)
{
	const struct tcp *t = &st->tcp;
	const struct cookie_keys *k = &t->cookies;

	return (struct stack_syn) {
	        .set = t->syn.set,
	        .stateless = t->syn.stateless,
	        .half_open = t->half.pool.used,
	        .half_open_max = t->half.pool.capacity,
	        .rate = t->syn.rate,
	        .rate_max = t->syn.rate_max,
	        .to_stateless = t->syn.to_stateless,
	        .to_stateful = t->syn.to_stateful,
	        .stateless_for_ms = t->syn.stateless ? t->now.ms - t->syn.stateless_ms : 0,
	        .quiet_ms = t->now.ms - t->syn.loud_ms,
	        .accepts = cookie_keys_expect(k),
	        .epoch = k->epoch,
	        .epoch_left_ms = (uint32_t)((k->epoch_ends_us - tcp_day_us(t)) /
	                                    US_PER_MILLISECOND),
	        .key_id = k->of[k->epoch & 1].id,
	        .keys = k->masters.n,
	        .keys_shared = k->masters.shared,
	};
}

static struct stack_conn_info
describe(const struct tcp *t, const struct tcp_conn *c)
{
	const struct tcp_rare *r = tcp_rare(t, c);

	return (struct stack_conn_info) {
	        .peer = {.addr = c->key.raddr, .port = c->key.rport},
	        .local = {.addr = c->key.laddr, .port = c->key.lport},
	        .state = tcp_state_names[c->state],
	        .service = t->user[c->user].service->name,
	        .age_ms = clock_stamp_age_ms(t->now, r->opened),
	        .snd_queued = tcp_snd_end(t, c) - c->snd_una,
	        .snd_wnd = c->snd_wnd,
	        .rcv_wnd = c->rcv_adv - c->rcv_nxt,
	        .cwnd = c->cwnd,
	        .srtt_us = c->srtt8_us / 8,
	        .mss = c->mss,
	        .retransmissions = c->rexmits,
	};
}

static bool
wanted(const char *state, enum tcp_state s)
{
	return state == NULL || strcmp(state, tcp_state_names[s]) == 0;
}

static uint32_t
half_open_conns(const struct tcp *t, const char *state, struct stack_conn_info *out, uint32_t n,
        uint32_t max, uint32_t *total)
{
	if (!wanted(state, TCP_SYN_RECEIVED))
		return n;
	*total += t->half.pool.used;
	for (uint32_t i = 0; n < max && i < t->half.pool.fresh; i++) {
		const struct half_open *h = half_open_at(&t->half, i);

		if (!h->live)
			continue;
		out[n++] = (struct stack_conn_info) {
		        .peer = {.addr = h->key.raddr, .port = h->key.rport},
		        .local = {.addr = h->key.laddr, .port = h->key.lport},
		        .state = tcp_state_names[TCP_SYN_RECEIVED],
		        .service = t->user[h->listener].service->name,
		        .age_ms = ((uint32_t)t->now.us - h->syn_us) / US_PER_MILLISECOND,
		        .retransmissions = h->rexmits,
		};
	}
	return n;
}

uint32_t
stack_conns(const struct stack *st, const char *state, struct stack_conn_info *out,
        uint32_t max, uint32_t *total)
{
	const struct tcp *t = &st->tcp;
	uint32_t n = 0;
	struct flow_key k;

	*total = 0;
	for (uint32_t i = 0; i < t->conns.fresh; i++) {
		const struct tcp_conn *c = tcp_conn_at(t, i);

		if (c->state == TCP_CLOSED || !wanted(state, c->state))
			continue;
		++*total;
		if (n < max)
			out[n++] = describe(t, c);
		else if (state == NULL) { /* the core has better to do than to count */
			*total = t->conns.used;
			break;
		}
	}
	n = half_open_conns(t, state, out, n, max, total);
	if (!wanted(state, TCP_TIME_WAIT))
		return n;
	*total += t->tw.live;
	for (uint32_t i = 0; n < max && i < t->tw.tail - t->tw.head; i++) {
		if (!time_wait_at(t, i, &k))
			continue;
		out[n++] = (struct stack_conn_info) {
		        .peer = {.addr = k.raddr, .port = k.rport},
		        .local = {.addr = k.laddr, .port = k.lport},
		        .state = tcp_state_names[TCP_TIME_WAIT],
		        .service = "",
		};
	}
	return n;
}

bool
stack_listener_at(const struct stack *st, unsigned i, struct stack_listener_info *out)
{
	const struct tcp_user *l = st->tcp.user;
	const struct tcp_user *end = l + st->tcp.nusers;

	while (l < end && (l->port == 0 || i-- > 0))
		l++;
	if (l == end)
		return false;
	*out = (struct stack_listener_info) {
	        .addr = l->addr,
	        .port = l->port,
	        .service = l->service->name,
	        .accepted = l->opened,
	        .open = l->open,
	};
	return true;
}

bool
stack_neigh_at(const struct stack *st, uint8_t port, unsigned i, struct neigh_entry *out)
{
	return port < STACK_PORTS && st->port[port].neigh != NULL &&
	       neigh_entry_at(st->port[port].neigh, i, out);
}
