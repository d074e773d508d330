/* SPDX-License-Identifier: BSD-3-Clause */
#include "stack/stack.h"

#include <errno.h>

#include "base/arena.h"
#include "stack/private.h"

#define TIMERS_AT_ONCE  256 /* connections whose timers fire in one turn */
#define NEIGH_PERIOD_MS 100
#define HELD_BACK_MOST  64 /* turns in which timers wait for packets that wait */
#define CONNS_MAX       (1u << 28)
#define TIMEOUT_MAX_MS  (1u << 30) /* half of what the clock can tell */

static uint32_t
or_default(uint32_t v, uint32_t otherwise)
{
	return v != 0 ? v : otherwise;
}

static struct tcp_conf
tcp_conf_of(const struct stack_conf *c)
{
	struct tcp_conf f;

	f.max_conns = or_default(c->max_conns, 65536);
	f.max_half_open = or_default(c->max_half_open, f.max_conns / 4 + 1);
	f.max_time_wait = or_default(c->max_time_wait, f.max_conns);
	f.max_kept = or_default(c->max_kept, 8192);
	f.rcv_wnd = or_default(c->rcv_wnd, 262144);
	f.msl_ms = or_default(c->msl_ms, 30000);
	f.fin_wait_2_ms = or_default(c->fin_wait_2_ms, 60000);
	f.rto_min_ms = or_default(c->rto_min_ms, 200);
	f.syn_retries = or_default(c->syn_retries, 5);
	f.retries = or_default(c->retries, 10);
	f.rst_per_s = or_default(c->rst_per_s, 10000);
	return f;
}

static bool
is_sane(const struct tcp_conf *f)
{
	return f->max_conns <= CONNS_MAX && f->max_time_wait <= CONNS_MAX &&
	       f->rcv_wnd <= (uint32_t)UINT16_MAX << TCP_WSCALE_MAX && f->rcv_wnd >= 1024 &&
	       f->syn_retries <= 15 && f->retries <= 15 && f->msl_ms <= TIMEOUT_MAX_MS / 2 &&
	       f->fin_wait_2_ms <= TIMEOUT_MAX_MS && f->rto_min_ms <= TCP_RTO_MAX_MS;
}

/* tcp's way down */

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

/* The peer hears what is sent to the MAC that it used in the handshake. */
static void
peer_proved(void *below, const struct seg *s)
{
	struct stack *st = below;
	struct stack_if *p = &st->port[s->port];

	neigh_confirm(
	        p->neigh, stack_next_hop(&p->conf, s->key.raddr), st->peer_mac, st->tcp.now);
	waiting_look(st, p);
}

int
stack_create(struct stack **out, const struct stack_conf *conf, const struct stack_io *io,
        int numa_node, struct clock now)
{
	static const uint8_t zero[16];
	struct tcp_conf f = tcp_conf_of(conf);
	uint8_t secret[16];
	struct stack *st;
	int rc;

	if (!is_sane(&f))
		return -EINVAL;
	memcpy(secret, conf->secret, sizeof(secret));
	if (memcmp(secret, zero, sizeof(secret)) == 0 && (rc = secret_fill(secret, 16)) != 0)
		return rc;
	st = arena_alloc(sizeof(*st), numa_node);
	if (st == NULL)
		return -ENOMEM;

	st->io = *io;
	st->neigh_due_ms = now.ms;
	bucket_init(&st->echoes, f.rst_per_s, now.us);
	bucket_init(&st->arp_answers, f.rst_per_s, now.us);
	st->node = numa_node;
	st->tcp.below = st;
	st->tcp.emit = stack_emit;
	st->tcp.proved = peer_proved;
	st->tcp.buf_alloc = lend_buf;
	st->tcp.buf_free = free_buf;
	st->tcp.mtu = mtu_of;
	st->tcp.count = &st->count;
	rc = tcp_create(&st->tcp, &f, secret, numa_node, now);
	if (rc != 0) {
		arena_free(st, sizeof(*st));
		return rc;
	}
	st->bytes = sizeof(*st) + st->tcp.conns.bytes + st->tcp.sends.bytes +
	            st->tcp.holes.bytes + st->tcp.table.bytes +
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
	for (unsigned i = 0; i < STACK_PORTS; i++) {
		waiting_drop(st, &st->port[i]);
		if (st->port[i].neigh != NULL)
			neigh_destroy(st->port[i].neigh);
	}
	tcp_destroy(&st->tcp);
	arena_free(st, sizeof(*st));
}

int
stack_set_port(struct stack *st, uint8_t port, const struct stack_port *p, struct clock now)
{
	struct neigh_conf nc = {0};
	struct stack_if *i;
	int rc;

	if (port >= STACK_PORTS || p->mtu < 576)
		return -EINVAL;
	i = &st->port[port];
	if (p->ip != 0 && (rc = tcp_add_addr(&st->tcp, p->ip)) != 0)
		return rc;
	waiting_drop(st, i);
	if (i->neigh != NULL)
		neigh_destroy(i->neigh);
	i->conf = *p;
	i->stack = st;
	i->index = port;
	i->neigh = neigh_create(&nc, stack_arp_ask, i, st->node);
	if (i->neigh == NULL)
		return -ENOMEM;
	st->tcp.now = now;
	if (p->gateway != 0 && p->ip != 0)
		neigh_pin(i->neigh, p->gateway, now);
	return 0;
}

int
stack_listen(struct stack *st, be32 addr, be16 port, const struct hf_service *service,
        const void *conf)
{
	void *self = (void *)(uintptr_t)conf;
	int rc;

	if (service->create != NULL) {
		errno = 0;
		self = service->create(conf, st->node);
		if (self == NULL)
			return errno != 0 ? -errno : -ENOMEM;
	}
	rc = tcp_listen(&st->tcp, addr, port, service, self);
	if (rc != 0 && service->create != NULL && service->destroy != NULL)
		service->destroy(self);
	return rc;
}

void
stack_turn_begin(struct stack *st, struct clock now)
{
	st->tcp.now = now;
}

static void
expire_neighbours(struct stack *st)
{
	for (unsigned i = 0; i < STACK_PORTS; i++) {
		struct stack_if *p = &st->port[i];

		if (p->neigh == NULL)
			continue;
		neigh_expire(p->neigh, st->tcp.now);
		waiting_look(st, p);
	}
}

static bool
expire(struct stack *st)
{
	struct tcp *t = &st->tcp;
	bool busy = tcp_expire(t, TIMERS_AT_ONCE);

	busy |= time_wait_expire(t, TIMERS_AT_ONCE);
	if (seq_geq(t->now.ms, st->neigh_due_ms)) {
		st->neigh_due_ms = t->now.ms + NEIGH_PERIOD_MS;
		expire_neighbours(st);
	}
	return busy;
}

bool
stack_turn_end(struct stack *st, bool more)
{
	bool busy = false;

	if (!more || ++st->held_back >= HELD_BACK_MOST) {
		st->held_back = 0;
		busy = expire(st);
	}
	busy |= tcp_speak(&st->tcp);
	busy |= st->ntx != 0;
	stack_flush(st);
	return busy;
}

void
stack_set_draining(struct stack *st, bool draining)
{
	st->tcp.draining = draining;
}

void
stack_abort_all(struct stack *st, struct clock now)
{
	st->tcp.now = now;
	tcp_abort_all(&st->tcp, HF_STOPPED);
	for (unsigned i = 0; i < STACK_PORTS; i++) /* there may be no turn any more */
		waiting_drop(st, &st->port[i]);
	stack_flush(st);
}

struct counters *
stack_counters(struct stack *st)
{
	return &st->count;
}
