/* SPDX-License-Identifier: BSD-3-Clause */
/* The burst: whose is each segment? All hashes first, then all buckets, then
 * all records, so that no line is waited for alone; then each is handled. */
#include "base/touch.h"
#include "stack/private.h"
#include "tcp/flows.h"

_Static_assert(STACK_BURST <= COOKIE_BURST, "all of a burst may be SYNs");

static struct eth_hdr *
eth_of(const struct seg *s)
{
	return (struct eth_hdr *)(void *)s->frame;
}

/* Sources that cannot be (RFC 1122 3.2.1.3): 0/8, 127/8, multicast, everybody,
 * this link's broadcast, which a link of two hosts has not (RFC 3021). 240/4 is an
 * address like others, as in Linux: who has it, uses it. */
bool
stack_is_martian(const struct stack_port *p, be32 src)
{
	uint8_t first = (uint8_t)src; /* network order: the lowest byte here */

	return first == 0 || first == 127 || first >> 4 == 14 || src == UINT32_MAX ||
	       (src == (p->ip | ~p->netmask) && be32_to_cpu(~p->netmask) > 1);
}

/* Six bytes, and two of what follows: they are shifted out. */
static inline bool
is_same_mac(const uint8_t *frame, uint64_t mac_word)
{
	uint64_t first;

	memcpy(&first, frame, sizeof(first));
	return (first ^ mac_word) << 16 == 0;
}

/* Addresses of an IPv4 packet (strong host model: the port's own address). */
static inline enum drop
check_addresses(const struct stack *st, const struct seg *s)
{
	const struct stack_port *p = &st->port[s->port].conf;

	if (eth_of(s)->src[0] & 1) /* an answer would go to a group */
		return DROP_IP_MARTIAN;
	if (!is_same_mac(s->frame, st->port[s->port].mac_word))
		return DROP_ETH_DST;
	if (!stack_is_local(st, p, s->key.laddr))
		return DROP_IP_NOT_OURS;
	if (s->key.raddr == p->ip || stack_is_source(st, s->key.raddr) ||
	        (st->tcp.nranges > 1 && tcp_addr_index(&st->tcp, s->key.raddr) >= 0))
		return DROP_IP_LAND;
	return stack_is_martian(p, s->key.raddr) ? DROP_IP_MARTIAN : DROP_NONE;
}

struct tcp_conn *
stack_find_conn(struct stack *st, const struct flow_key *k)
{
	struct tcp *t = &st->tcp;
	uint32_t ref = flows_find(t, tcp_flow_hash(t, k), k);

	if (ref == FLOW_NONE || (ref & REF_KIND) != REF_CONN)
		return NULL;
	return tcp_conn_at(t, ref & REF_INDEX);
}

/* Without timestamps, round trips are timed in the rare part. */
static inline bool
is_timed(const struct seg *s)
{
	return !(s->opts & SEG_OPT_TS) && !(s->flags & (TCP_SYN | TCP_RST));
}

static inline void
touch_record(const struct tcp *t, const struct seg *s)
{
	uint32_t i = s->ref & REF_INDEX;
	const uint8_t *c;

	if (s->ref == FLOW_NONE)
		return;
	if ((s->ref & REF_KIND) == REF_TIME_WAIT) {
		touch_line(&t->tw.ring[i]);
	} else if ((s->ref & REF_KIND) == REF_HALF_OPEN) {
		touch_line(half_open_at(&t->half, i));
	} else {
		c = (const uint8_t *)tcp_conn_at(t, i);
		touch_one_of(c, t->conns.used);      /* key, sequence numbers */
		touch_one_of(c + 64, t->conns.used); /* timer, round trip, windows */
		if (is_timed(s))
			touch_one_of(&t->rare[i], t->conns.used);
	}
}

/* Hash, bucket, record of each TCP segment in the burst; n > 0. */
static void
look_ahead(struct stack *st, struct seg *seg, const uint8_t *which, unsigned n)
{
	struct tcp *t = &st->tcp;
	struct prf_block b[STACK_BURST];
	struct flow_cursor at;

	unsigned k = 0;

	do
		b[k] = flow_block(&seg[which[k]].key);
	while (++k < n);
	st->inserted_before = t->table.inserted;
	prf_burst(&t->flow_prf, b, b, n);
	for (unsigned i = 0; i < n; i++) {
		seg[which[i]].hash = (uint32_t)b[i].lo;
		flow_table_prefetch(&t->table, (uint32_t)b[i].lo);
	}
	for (unsigned i = 0; i < n; i++) {
		struct seg *s = &seg[which[i]];

		s->ref = flow_table_first(&t->table, s->hash, &at);
		touch_record(t, s);
	}
}

/* May s be of a flow that another core has opened? A SYN opens one, and belongs
 * to whoever received it. What came from another core is not sent round again. */
static bool
is_of_other_core(const struct stack *st, const struct seg *s, unsigned *core)
{
	const struct steer *steer = st->port[s->port].conf.steer;
	const struct tcp_conf *conf = &st->tcp.conf;
	uint16_t lport = be16_to_cpu(s->key.lport);

	if (steer == NULL || st->io.hand_over == NULL || st->shared)
		return false;
	if ((s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return false;
	if (lport < conf->port_first || lport > conf->port_last)
		return false;
	*core = steer_core(steer, &s->key);
	return *core != conf->core;
}

/* Neither connection nor listener. */
static enum drop
closed(struct stack *st, struct seg *s)
{
	unsigned core;

	if (!is_of_other_core(st, s, &core))
		return tcp_closed_input(&st->tcp, s);
	if (!st->io.hand_over(st->io.ctx, core, s))
		return DROP_HAND_OVER;
	counter_add(&st->count.handed_over, 1);
	return DROP_NONE;
}

static enum drop
stranger(struct stack *st, struct seg *s, uint32_t iss_floor)
{
	uint8_t l = tcp_find_listener(&st->tcp, s->key.laddr, s->key.lport);

	if (l == TCP_NO_USER)
		return closed(st, s);
	return tcp_listen_input(&st->tcp, l, s, iss_floor);
}

static enum drop
handle_tcp(struct stack *st, struct seg *s)
{
	struct tcp *t = &st->tcp;
	uint32_t ref = s->ref, floor = 0;
	bool reopen = false;
	enum drop why;

	memcpy(st->peer_mac, eth_of(s)->src, ETH_ALEN);
	/* The guess is from before the burst: what an earlier segment of it
	 * opened, or closed, is found by a second look. */
	if (ref == FLOW_NONE ? t->table.inserted != st->inserted_before
	                     : !flows_is(t, ref, &s->key))
		ref = flows_find(t, s->hash, &s->key);
	if (ref == FLOW_NONE)
		return stranger(st, s, 0);
	if ((ref & REF_KIND) == REF_CONN)
		return tcp_input(t, tcp_conn_at(t, ref & REF_INDEX), s);
	if ((ref & REF_KIND) == REF_HALF_OPEN)
		return tcp_half_open_input(t, ref & REF_INDEX, s);

	why = time_wait_input(t, ref & REF_INDEX, s, &reopen, &floor);
	if (!reopen)
		return why;
	why = stranger(st, s, floor);
	if (why == DROP_NONE)
		time_wait_reopened(t, ref & REF_INDEX, s->hash);
	return why;
}

static enum drop
handle(struct stack *st, struct seg *s)
{
	switch ((enum seg_kind)s->kind) {
	case SEG_TCP:
		return handle_tcp(st, s);
	case SEG_ICMP:
		return stack_icmp(st, s);
	case SEG_ARP:
		return stack_arp(st, s);
	case SEG_NONE:
		break;
	}
	return DROP_NONE;
}

void
stack_input(struct stack *st, struct seg *seg, unsigned n)
{
	uint8_t tcp[STACK_BURST];
	unsigned ntcp = 0;
	enum drop why;

	for (unsigned i = 0; i < n; i++) {
		struct seg *s = &seg[i];

		if (s->kind != SEG_TCP && s->kind != SEG_ICMP)
			continue;
		if ((why = check_addresses(st, s)) != DROP_NONE) {
			s->kind = SEG_NONE;
			counter_drop(&st->count, why);
		} else if (s->kind == SEG_TCP) {
			tcp[ntcp++] = (uint8_t)i;
		}
	}
	if (ntcp != 0)
		look_ahead(st, seg, tcp, ntcp);
	for (unsigned i = 0; i < n; i++) {
		if ((why = handle(st, &seg[i])) != DROP_NONE)
			counter_drop(&st->count, why);
	}
	if (st->tcp.syns.n != 0)
		tcp_answer_syns(&st->tcp);
	memset(st->peer_mac, 0, ETH_ALEN);
}

void
stack_input_shared(struct stack *st, struct seg *seg, unsigned n)
{
	st->shared = true;
	stack_input(st, seg, n);
	st->shared = false;
}
