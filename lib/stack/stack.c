/* SPDX-License-Identifier: BSD-3-Clause */
/* One core's stack: its creation, its ports, and the beginning and the end of a turn. */
#include "stack/stack.h"

#include <errno.h>

#include "base/arena.h"
#include "base/defaults.h"
#include "stack/private.h"
#include "tcp/cc.h"
#include "tcp/handshake.h"
#include "timer/heap.h"

#define TIMERS_AT_ONCE 256 /* connections whose timers fire in one turn */
/* Timers of applications that are called in one turn. Each may open or end connections. */
#define APP_TIMERS_AT_ONCE 8
#define SPEAK_AT_ONCE      256 /* connections that speak in one turn */
#define NEIGH_PERIOD_MS    20
/* ICMP errors for other cores. A forged one costs another core a copy, or every core one. A
 * true one that is lost is not missed for long (RFC 5927 5.2). */
#define ERRORS_AWAY_PER_S  4096
#define ERRORS_ROUND_PER_S 256
#define HELD_BACK_MOST     64 /* turns in which timers wait for packets that wait */
#define REACH_US           ((UINT64_C(1) << 30) * US_PER_MILLISECOND) /* 12 days */

static uint32_t
or_default(uint32_t v, uint32_t otherwise)
{
	return v != 0 ? v : otherwise;
}

static struct tcp_conf
tcp_conf_of(const struct stack_conf *conf)
{
	struct tcp_conf f;

	f.max_conns = or_default(conf->max_conns, DEFAULT_CONNS);
	f.max_half_open = or_default(conf->max_half_open,
	        (f.max_conns + DEFAULT_HALF_OPEN_PART - 1) / DEFAULT_HALF_OPEN_PART);
	f.syn_rate = or_default(conf->syn_rate, DEFAULT_SYN_RATE);
	f.syn_cookie = conf->syn_cookie;
	f.refuse = conf->refuse_when_full;
	f.tos = (uint8_t)(conf->dscp << TCP_DSCP_SHIFT);
	f.ttl = conf->ttl;
	f.max_time_wait = or_default(conf->max_time_wait, f.max_conns);
	f.max_kept = or_default(conf->max_kept, DEFAULT_KEPT);
	f.rcv_wnd = or_default(conf->rcv_wnd, DEFAULT_RCV_WND);
	f.msl_ms = or_default(conf->msl_ms, DEFAULT_MSL_MS);
	f.fin_wait_2_ms = or_default(conf->fin_wait_2_ms, DEFAULT_FIN_WAIT_2_MS);
	f.orphan_ms = or_default(conf->orphan_ms, DEFAULT_ORPHAN_MS);
	f.rto_min_ms = or_default(conf->rto_min_ms, DEFAULT_RTO_MIN_MS);
	f.syn_retries = or_default(conf->syn_retries, DEFAULT_SYN_RETRIES);
	f.connect_retries = or_default(conf->connect_retries, DEFAULT_CONNECT_RETRIES);
	f.retries = or_default(conf->retries, DEFAULT_RETRIES);
	f.rst_per_s = or_default(conf->rst_per_s, DEFAULT_ANSWERS_PER_S);
	f.core = conf->core;
	f.port_first = conf->port_first != 0 ? conf->port_first : DEFAULT_SOURCE_PORT_MIN;
	f.port_last = conf->port_last != 0 ? conf->port_last : DEFAULT_SOURCE_PORT_MAX;
	f.offer = conf->offer != 0 ? conf->offer : HANDSHAKE_OPTIONS;
	f.cc = cc_find(conf->congestion_control);
	return f;
}

static bool
is_sane(const struct tcp_conf *f)
{
	return f->cc != NULL && f->max_conns <= LIMIT_CONNS &&
	       f->max_time_wait <= LIMIT_CONNS && f->max_half_open <= LIMIT_CONNS &&
	       f->rcv_wnd <= (uint32_t)UINT16_MAX << TCP_WSCALE_MAX && f->rcv_wnd >= 1024 &&
	       f->syn_retries <= LIMIT_RETRIES && f->connect_retries <= LIMIT_RETRIES &&
	       f->retries <= LIMIT_RETRIES && f->port_first <= f->port_last &&
	       f->msl_ms <= LIMIT_TIMEOUT_MS / 2 && f->fin_wait_2_ms <= LIMIT_TIMEOUT_MS &&
	       f->orphan_ms <= LIMIT_TIMEOUT_MS && f->rto_min_ms <= TCP_RTO_MAX_MS;
}

/* Functions that TCP calls */

static void *
lend_buf(void *below, uint8_t **bytes, uint32_t *room)
{
	struct frame f;

	if (!stack_frame_take(below, &f))
		return NULL;
	*bytes = f.data;
	*room = f.room;
	return f.buf;
}

static void
free_buf(void *below, void *buf)
{
	struct stack *st = below;

	st->io.free(st->io.ctx, &buf, 1);
}

static uint16_t
mtu_of(void *below, uint8_t port)
{
	return ((struct stack *)below)->port[port].conf.mtu;
}

/* The handshake proves that the peer receives what is sent to the MAC it came from. */
static void
peer_proved(void *below, const struct seg *s)
{
	struct stack *st = below;
	struct stack_if *p = &st->port[s->port];

	neigh_confirm(
	        p->neigh, stack_next_hop(&p->conf, s->key.raddr), st->peer_mac, st->tcp.now);
	waiting_look(st, p);
}

/* c makes progress: the next hop of its port hears us at the MAC that the present segment came
 * from. */
static void
peer_heard(void *below, const struct tcp_conn *c)
{
	struct stack *st = below;
	struct stack_if *p = &st->port[c->port];
	be32 hop = stack_next_hop(&p->conf, c->key.raddr);

	if (neigh_heard(
	            p->neigh, hop, st->peer_mac, &tcp_rare(&st->tcp, c)->neigh, st->tcp.now))
		waiting_look(st, p);
}

/* Segments of c are not acknowledged. */
static void
peer_silent(void *below, const struct tcp_conn *c)
{
	struct stack *st = below;
	struct stack_if *p = &st->port[c->port];

	neigh_unanswered(p->neigh, stack_next_hop(&p->conf, c->key.raddr),
	        &tcp_rare(&st->tcp, c)->neigh, st->tcp.now);
}

static int
find_route(void *below, be32 raddr, be32 laddr, struct tcp_route *route)
{
	struct stack *st = below;
	int port = stack_find_port(st, raddr);
	const struct stack_port *p;

	if (port < 0)
		return port;
	p = &st->port[port].conf;
	if (stack_is_martian(p, raddr) || tcp_addr_index(&st->tcp, raddr) >= 0)
		return -EINVAL;
	if (laddr != 0 && laddr != p->ip && !stack_is_source(st, laddr))
		return -EADDRNOTAVAIL;
	*route = (struct tcp_route) {
	        .laddr = laddr != 0 ? laddr : p->ip,
	        .port = (uint8_t)port,
	        .steer = p->steer,
	};
	return 0;
}

static bool
next_hop_resolved(void *below, uint8_t port, be32 raddr)
{
	struct stack_if *p = &((struct stack *)below)->port[port];
	const uint8_t *mac;

	neigh_look(p->neigh, stack_next_hop(&p->conf, raddr), &mac);
	return mac != NULL;
}

static int
add_sources(struct stack *st, const struct stack_conf *conf)
{
	st->source_first = conf->source_first;
	st->source_count = conf->source_count;
	if (conf->source_count == 0)
		return 0;
	return tcp_add_addrs(&st->tcp, cpu_to_be32(conf->source_first), conf->source_count);
}

int
stack_create(struct stack **out, const struct stack_conf *conf, const struct stack_io *io,
        int numa_node, struct clock now)
{
	static const uint8_t zero[16];
	struct tcp_conf f = tcp_conf_of(conf);
	struct tcp_secrets secrets = {
	        .masters = conf->cookie_masters, .beacon = conf->cookie_beacon};
	struct stack *st;
	int rc;

	if (!is_sane(&f) || conf->max_neighbours > LIMIT_NEIGHBOURS ||
	        conf->dscp > TCP_DSCP_MAX)
		return -EINVAL;
	memcpy(secrets.own, conf->secret, sizeof(secrets.own));
	if (memcmp(secrets.own, zero, sizeof(zero)) == 0 &&
	        (rc = secret_fill(secrets.own, sizeof(secrets.own))) != 0)
		return rc;
	st = arena_alloc(sizeof(*st), numa_node);
	if (st == NULL)
		return -ENOMEM;

	st->io = *io;
	st->neigh_due_ms = now.ms;
	st->settled_us = now.us;
	answers_init(&st->echoes, ANSWERS_FAIR, f.rst_per_s, secrets.own, 4);
	answers_init(&st->arp_answers, ANSWERS_FAIR, f.rst_per_s, secrets.own, 5);
	answers_init(&st->errors_away, ANSWERS_FAIR, ERRORS_AWAY_PER_S, secrets.own, 6);
	answers_init(&st->errors_round, ANSWERS_FAIR, ERRORS_ROUND_PER_S, secrets.own, 7);
	st->node = numa_node;
	st->max_neighbours = conf->max_neighbours;
	st->tcp.below = st;
	st->tcp.hand_over = stack_hand_over;
	st->tcp.emit = stack_emit;
	st->tcp.answer_syns = stack_answer_syns;
	st->tcp.proved = peer_proved;
	st->tcp.heard = peer_heard;
	st->tcp.silent = peer_silent;
	st->tcp.buf_alloc = lend_buf;
	st->tcp.buf_free = free_buf;
	st->tcp.mtu = mtu_of;
	st->tcp.route = find_route;
	st->tcp.resolved = next_hop_resolved;
	st->tcp.count = &st->count;
	rc = tcp_create(&st->tcp, &f, &secrets, numa_node, now);
	if (rc == 0 && (rc = add_sources(st, conf)) != 0)
		tcp_destroy(&st->tcp);
	if (rc != 0) {
		arena_free(st, sizeof(*st));
		return rc;
	}
	st->bytes = sizeof(*st) + st->tcp.conns.bytes + st->tcp.sends.bytes +
	            st->tcp.losses.bytes + st->tcp.resent.bytes + st->tcp.pieces.bytes +
	            st->tcp.table.bytes + st->tcp.half.pool.bytes +
	            (uint64_t)f.max_conns * sizeof(struct tcp_rare) +
	            (uint64_t)st->tcp.tw.capacity * sizeof(struct tw_record) + 65536;
	*out = st;
	return 0;
}

void
stack_destroy(struct stack *st)
{
	if (st == NULL)
		return;
	while (st->ntx > 0)
		st->io.free(st->io.ctx, &st->tx[--st->ntx].buf, 1);
	while (st->nstash > 0)
		st->io.free(st->io.ctx, &st->stash[--st->nstash].buf, 1);
	for (unsigned i = 0; i < LIMIT_PORTS; i++) {
		waiting_drop(st, &st->port[i]);
		if (st->port[i].neigh != NULL)
			neigh_destroy(st->port[i].neigh);
	}
	tcp_destroy(&st->tcp);
	arena_free(st, sizeof(*st));
}

/* The time of a turn. There may have been no turn for weeks. A deadline of 32 bits of
 * milliseconds that passed more than 2^31 ms ago looks like the future. So time goes no further
 * than half of that beyond the last moment at which nothing was due. */
static struct clock
within_reach(const struct stack *st, struct clock now)
{
	if (now.us < st->tcp.now.us)
		return st->tcp.now;
	if (now.us - st->settled_us <= REACH_US)
		return now;
	return clock_from_us(st->settled_us + REACH_US);
}

/* Outside a turn the time comes from another core. It must not run back. */
void
stack_keep_time(struct stack *st, struct clock now)
{
	st->tcp.now = within_reach(st, now);
	cookie_keys_turn(&st->tcp.cookies, tcp_day_us(&st->tcp));
}

int
stack_set_port(struct stack *st, uint8_t port, const struct stack_port *p, struct clock now)
{
	struct neigh_conf nc = {.capacity = st->max_neighbours};
	struct stack_if *i;
	int rc;

	if (port >= LIMIT_PORTS || p->mtu < IPV4_MTU_MIN)
		return -EINVAL;
	if (nc.capacity == 0)
		nc.capacity = stack_neighbours(st->tcp.conf.max_conns, p);
	i = &st->port[port];
	if (p->ip != 0 && (rc = tcp_add_addrs(&st->tcp, p->ip, 1)) != 0)
		return rc;
	waiting_drop(st, i);
	if (i->neigh != NULL) {
		st->bytes -= neigh_bytes(i->neigh);
		neigh_destroy(i->neigh);
	}
	i->conf = *p;
	i->stack = st;
	i->index = port;
	memcpy(&i->mac_word, p->mac, ETH_ALEN);
	syn_ack_prepare(&i->syn_ack, p->mac, mss_of_mtu(p->mtu), st->tcp.rcv_wscale,
	        tcp_syn_window(&st->tcp));
	syn_ack_mark(&i->syn_ack, st->tcp.conf.tos, st->tcp.conf.ttl);
	i->syn_ack.offload_ip = p->offload_ip;
	i->syn_ack.offload_tcp = p->offload_tcp;
	i->offload = (uint8_t)((p->offload_ip ? FRAME_CSUM_IP : 0) |
	                       (p->offload_tcp ? FRAME_CSUM_TCP : 0));
	if (st->nports <= port)
		st->nports = port + 1u;
	i->neigh = neigh_create(&nc, stack_arp_ask, i, st->node);
	if (i->neigh == NULL)
		return -errno; /* no memory, or no random bytes */
	st->bytes += neigh_bytes(i->neigh);
	stack_keep_time(st, now);
	if (p->gateway != 0 && p->ip != 0)
		neigh_pin(i->neigh, p->gateway, now);
	return 0;
}

enum stack_route
stack_route_to(struct stack *st, be32 addr, uint8_t *port, struct clock now)
{
	uint16_t hint = NEIGH_NONE;
	struct stack_if *p;
	const uint8_t *mac;
	struct tcp_route route;
	bool failed;
	be32 hop;

	if (find_route(st, addr, 0, &route) != 0)
		return STACK_ROUTE_NONE;
	*port = route.port;
	p = &st->port[route.port];
	hop = stack_next_hop(&p->conf, addr);
	stack_keep_time(st, now);
	if (neigh_mac(p->neigh, hop, &hint, now) != NULL)
		return STACK_ROUTE_KNOWN;
	failed = neigh_look(p->neigh, hop, &mac) == NEIGH_FAILED;
	if (failed)
		neigh_insist(p->neigh, hop, now);
	stack_flush(st); /* the ARP request */
	return failed ? STACK_ROUTE_FAILED : STACK_ROUTE_ASKING;
}

void
stack_turn_begin(struct stack *st, struct clock now)
{
	tcp_turn(&st->tcp, within_reach(st, now));
	stack_look_at_ports(st);
	tcp_speak_waiting(&st->tcp, SPEAK_AT_ONCE);
}

/* Returns true if no neighbour is due any more. */
static bool
expire_neighbours(struct stack *st)
{
	bool settled = true;

	for (unsigned i = 0; i < LIMIT_PORTS; i++) {
		struct stack_if *p = &st->port[i];

		if (p->neigh == NULL)
			continue;
		neigh_expire(p->neigh, st->tcp.now);
		settled &= neigh_is_settled(p->neigh, st->tcp.now);
		waiting_look(st, p);
	}
	return settled;
}

static bool
expire_all(struct stack *st)
{
	struct tcp *t = &st->tcp;
	bool busy = tcp_expire(t, TIMERS_AT_ONCE);

	busy |= tcp_half_open_expire(t, TIMERS_AT_ONCE);
	busy |= time_wait_expire(t, TIMERS_AT_ONCE);
	if (seq_geq(t->now.ms, st->neigh_due_ms)) {
		st->neigh_settled = expire_neighbours(st);
		st->neigh_due_ms = t->now.ms + (st->neigh_settled ? NEIGH_PERIOD_MS : 0);
	}
	if (t->now.us - st->settled_us >= US_PER_SECOND && st->neigh_settled &&
	        tcp_is_settled(t))
		st->settled_us = t->now.us;
	return busy;
}

bool
stack_turn_end(struct stack *st, bool more)
{
	bool busy = false;

	if (!more || ++st->held_back >= HELD_BACK_MOST) {
		st->held_back = 0;
		busy = expire_all(st);
	} else {
		tcp_expire_later(&st->tcp);
	}
	if (st->tcp.drain_at != POOL_NONE) {
		tcp_drain_some(&st->tcp);
		busy = true;
	}
	busy |= heap_fire(
	        &st->tcp.app_timers, stack_core(st), st->tcp.now.us, APP_TIMERS_AT_ONCE);
	tcp_take_turns(&st->tcp);
	busy |= tcp_speak(&st->tcp, SPEAK_AT_ONCE);
	busy |= st->ntx != 0;
	stack_flush(st);
	return busy;
}

void
stack_set_day(struct stack *st, int64_t ahead_us)
{
	tcp_set_day(&st->tcp, ahead_us);
}

void
stack_set_syn_cookie(struct stack *st, enum syn_cookie set, struct clock now)
{
	stack_keep_time(st, now);
	syn_mode_set(&st->tcp.syn, set, st->tcp.now.ms);
}

void
stack_set_when_full(struct stack *st, bool refuse)
{
	st->tcp.conf.refuse = refuse;
}

void
stack_set_cookie_keys(struct stack *st, const struct cookie_masters *masters, struct clock now)
{
	stack_keep_time(st, now);
	cookie_keys_replace(&st->tcp.cookies, masters, tcp_day_us(&st->tcp));
}

void
stack_set_draining(struct stack *st, uint32_t ms, struct clock now)
{
	stack_keep_time(st, now);
	tcp_drain(&st->tcp, ms);
}

void
stack_abort_all(struct stack *st, struct clock now)
{
	stack_keep_time(st, now);
	stack_look_at_ports(st);
	tcp_abort_all(&st->tcp, HF_STOPPED);
	for (unsigned i = 0; i < LIMIT_PORTS; i++) /* no turn may follow */
		waiting_drop(st, &st->port[i]);
	stack_flush(st);
}

struct counters *
stack_counters(struct stack *st)
{
	return &st->count;
}

struct hf_core *
stack_core(struct stack *st)
{
	return (struct hf_core *)&st->tcp;
}
