/* SPDX-License-Identifier: BSD-3-Clause */
/* Describes a stack for `show`: usage, SYNs, connections, listeners, neighbours. */
#include "stack/private.h"
#include "tcp/sends.h"
#include "tcp/users.h"

/* The work of one call between two turns, less than 100 us: some 2,000 records examined in a
 * row, or 64 described. */
#define WORK     2048
#define DESCRIBE 32

enum { LIST_CONNS, LIST_HALF_OPEN, LIST_TIME_WAIT };

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

	for (unsigned i = 0; i < LIMIT_PORTS; i++)
		waiting += st->port[i].waiting.n;
	return (struct stack_usage) {
	        .conns = t->conns.used,
	        .half_open = t->half.pool.used,
	        .time_wait = t->tw.live,
	        .timers = t->wheel.armed,
	        .kept = t->kept,
	        .send_queued = t->sends.used,
	        .reasm_queued = t->pieces.used,
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
describe_conn(const struct tcp *t, const struct tcp_conn *c)
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
state_is_wanted(const char *state, enum tcp_state s)
{
	return state == NULL || strcmp(state, tcp_state_names[s]) == 0;
}

static struct stack_conn_info
describe_half_open(const struct tcp *t, const struct half_open *h)
{
	return (struct stack_conn_info) {
	        .peer = {.addr = h->key.raddr, .port = h->key.rport},
	        .local = {.addr = h->key.laddr, .port = h->key.lport},
	        .state = tcp_state_names[TCP_SYN_RECEIVED],
	        .service = users_listen(&t->user[h->listener], &h->key)
	                           ? t->user[h->listener].service->name
	                           : "-", /* the listener has ended */
	        .age_ms = ((uint32_t)t->now.us - h->syn_us) / US_PER_MILLISECOND,
	        .retransmissions = h->rexmits,
	};
}

static struct stack_conn_info
describe_time_wait(const struct flow_key *k)
{
	return (struct stack_conn_info) {
	        .peer = {.addr = k->raddr, .port = k->rport},
	        .local = {.addr = k->laddr, .port = k->lport},
	        .state = tcp_state_names[TCP_TIME_WAIT],
	        .service = "",
	};
}

static bool
listing_is_full(const struct stack_listing *l)
{
	return l->n == l->max;
}

static void
spend_work(uint32_t *work, uint32_t units)
{
	*work -= *work < units ? *work : units;
}

static void
add_info(struct stack_listing *l, struct stack_conn_info one, uint32_t *work)
{
	l->out[l->n++] = one;
	spend_work(work, DESCRIBE);
}

/* List one part. True: the part is complete. False: the work of this call is used up. */
static bool
list_conns(const struct tcp *t, struct stack_listing *l, uint32_t *work)
{
	for (; *work > 0 && l->at < t->conns.fresh; l->at++) {
		const struct tcp_conn *c = tcp_conn_at(t, l->at);

		spend_work(work, 1);
		if (l->state == NULL && listing_is_full(l)) /* the total needs no count */
			return true;
		if (c->state == TCP_CLOSED || !state_is_wanted(l->state, c->state))
			continue;
		l->total++;
		if (!listing_is_full(l))
			add_info(l, describe_conn(t, c), work);
	}
	return l->at >= t->conns.fresh;
}

static bool
list_half_open(const struct tcp *t, struct stack_listing *l, uint32_t *work)
{
	if (!state_is_wanted(l->state, TCP_SYN_RECEIVED))
		return true;
	for (; *work > 0 && !listing_is_full(l) && l->at < t->half.pool.fresh; l->at++) {
		const struct half_open *h = half_open_at(&t->half, l->at);

		spend_work(work, 1);
		if (h->live)
			add_info(l, describe_half_open(t, h), work);
	}
	return listing_is_full(l) || l->at >= t->half.pool.fresh;
}

/* l->at is a position in the ring. The head of the ring may have passed it meanwhile. */
static bool
list_time_wait(const struct tcp *t, struct stack_listing *l, uint32_t *work)
{
	struct flow_key k;

	if (!state_is_wanted(l->state, TCP_TIME_WAIT))
		return true;
	if (seq_lt(l->at, t->tw.head))
		l->at = t->tw.head;
	for (; !listing_is_full(l) && seq_lt(l->at, t->tw.tail) && *work > 0; l->at++) {
		spend_work(work, 1);
		if (time_wait_at(t, l->at - t->tw.head, &k))
			add_info(l, describe_time_wait(&k), work);
	}
	return listing_is_full(l) || !seq_lt(l->at, t->tw.tail);
}

/* The part of the total that needs no count. */
static uint32_t
known_total(const struct tcp *t, const char *state)
{
	return (state == NULL ? t->conns.used : 0) +
	       (state_is_wanted(state, TCP_SYN_RECEIVED) ? t->half.pool.used : 0) +
	       (state_is_wanted(state, TCP_TIME_WAIT) ? t->tw.live : 0);
}

bool
stack_list_some(const struct stack *st, struct stack_listing *l)
{
	const struct tcp *t = &st->tcp;
	uint32_t work = WORK;

	if (l->part == LIST_CONNS && list_conns(t, l, &work)) {
		l->part = LIST_HALF_OPEN;
		l->at = 0;
	}
	if (l->part == LIST_HALF_OPEN && list_half_open(t, l, &work)) {
		l->part = LIST_TIME_WAIT;
		l->at = t->tw.head;
	}
	if (l->part != LIST_TIME_WAIT || !list_time_wait(t, l, &work))
		return true;
	l->total = known_total(t, l->state) + (l->state != NULL ? l->total : 0);
	return false;
}

uint32_t
stack_conns(const struct stack *st, const char *state, struct stack_conn_info *out,
        uint32_t max, uint32_t *total)
{
	struct stack_listing l = {.state = state, .out = out, .max = max};

	while (stack_list_some(st, &l))
		;
	*total = l.total;
	return l.n;
}

bool
stack_listener_at(const struct stack *st, unsigned i, struct stack_listener_info *out)
{
	const struct tcp_user *l = st->tcp.user;
	const struct tcp_user *end = l + st->tcp.nusers;

	while (l < end && (l->port == 0 || l->unlistened || i-- > 0))
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
	return port < LIMIT_PORTS && st->port[port].neigh != NULL &&
	       neigh_entry_at(st->port[port].neigh, i, out);
}

unsigned
stack_neigh_list(const struct stack *st, uint8_t port, uint32_t *at, struct neigh_entry *out,
        unsigned most)
{
	if (port < LIMIT_PORTS && st->port[port].neigh != NULL)
		return neigh_list(st->port[port].neigh, at, out, most);
	*at = UINT32_MAX;
	return 0;
}
