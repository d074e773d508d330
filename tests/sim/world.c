/* SPDX-License-Identifier: BSD-3-Clause */
/* A server, its clients, and the time between them. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#include "stack/private.h"
#include "tcp/flows.h"

#define STEP_US  10000 /* the stack's timers are late by no more */
#define PER_TURN 200   /* frames */

uint64_t
world_now_us(const struct world *w)
{
	return w->rig->now.us;
}

/* A client asks for nothing by ARP; it answers. */
static void
answer_arp(struct world *w, const struct rig_out *o)
{
	const struct arp_hdr *a = (const struct arp_hdr *)(const void *)(o->seg.frame + 14);
	const struct stack_port *p = &rig_ports[o->port];
	uint8_t frame[42];

	if (a->oper != cpu_to_be16(ARP_REQUEST))
		return;
	build_arp_request(frame, rig_peer_mac, o->seg.key.laddr, p->ip, p->mac);
	frame[21] = ARP_REPLY;
	memcpy(frame + 32, p->mac, ETH_ALEN);
	wire_pass(&w->wire, world_now_us(w), true, frame, sizeof(frame));
}

static struct client *
client_of(struct world *w, be32 ip, be16 port)
{
	unsigned i = be16_to_cpu(port) - SESSION_PORT;

	return i < w->nclients && w->client[i].conf.ip == ip ? &w->client[i] : NULL;
}

static void
trace(const struct world *w, const char *who, const struct seg *s)
{
	if (!sim_traces() || s->kind != SEG_TCP)
		return;
	printf("%10.3f %s %u>%u %s%s%s%s seq %u ack %u wnd %u len %u%s%s\n",
	        (double)world_now_us(w) / 1000, who, be16_to_cpu(s->key.rport),
	        be16_to_cpu(s->key.lport), s->flags & TCP_SYN ? "S" : "",
	        s->flags & TCP_FIN ? "F" : "", s->flags & TCP_RST ? "R" : "",
	        s->flags & TCP_ACK ? "." : "", s->seq, s->ack, s->wnd, s->len,
	        s->opts & SEG_OPT_TS ? " ts" : "", s->nsack ? " sack" : "");
}

static void
server_says(void *ctx, const struct rig_out *o)
{
	struct world *w = ctx;
	struct client *c;

	if (o->parsed != DROP_NONE)
		sim_fail("the server sent a frame with %s", drop_name(o->parsed));
	trace(w, "server says ", &o->seg);
	if (o->seg.kind == SEG_ARP) {
		answer_arp(w, o);
		return;
	}
	c = o->seg.kind == SEG_TCP ? client_of(w, o->seg.key.laddr, o->seg.key.lport) : NULL;
	if (c == NULL) {
		if (w->stranger == NULL)
			sim_fail("a frame to an unknown host");
		w->stranger(w->ctx, o);
		return;
	}
	c->judge.misses = w->tight_buffers;
	c->judge.session_begun = w->sessions.s[c - w->client].opened != 0;
	c->judge.session_over = w->sessions.s[c - w->client].closed != 0;
	judge_server_says(c, &o->seg);
	wire_send(&w->wire, world_now_us(w), false, o->seg.frame, o->seg.frame_len);
}

static void
client_says(void *ctx, struct client *c, const uint8_t *frame, unsigned len)
{
	struct world *w = ctx;

	(void)c;
	wire_send(&w->wire, world_now_us(w), true, frame, len);
}

void
world_create(struct world *w, const struct stack_conf *conf, uint64_t seed, uint64_t now_us)
{
	memset(w, 0, sizeof(*w));
	w->rng.state = seed;
	w->wire.rng.state = rng_next(&w->rng);
	w->rig = rig_new(conf, now_us);
	w->rig->sees = server_says;
	w->rig->ctx = w;
	if (stack_listen(w->rig->st, 0, cpu_to_be16(WORLD_SERVICE_PORT), &sim_service,
	            &w->sessions) != 0)
		sim_fail("stack_listen()");
}

void
world_add_client(
        struct world *w, const struct client_conf *conf, const struct session_conf *session)
{
	unsigned i = w->nclients++;
	struct client_conf f = *conf;

	w->sessions.s[i].conf = *session;
	w->sessions.s[i].rng.state = rng_next(&w->rng);
	f.port = (uint16_t)(SESSION_PORT + i);
	f.server_port = WORLD_SERVICE_PORT;
	w->client[i].says = client_says;
	w->client[i].ctx = w;
	client_start(&w->client[i], &f, rng_next(&w->rng), world_now_us(w));
}

static void
to_server(struct world *w, const struct packet *p)
{
	struct client *c;

	w->rig->slack = (uint16_t)(rng_permille(&w->rng, 500) ? 0 : rng_below(&w->rng, 1500));
	rig_push(w->rig, 0, p->bytes, p->len);
	if (!p->damaged && p->bytes[12] == 8 && p->bytes[13] == 0) {
		const struct seg *s = &w->rig->in[w->rig->nin - 1];

		trace(w, "server hears", s);
		c = client_of(w, s->key.raddr, s->key.rport);
		if (c != NULL && s->kind == SEG_TCP)
			judge_server_hears(c, s);
	}
}

static void
to_client(struct world *w, const struct packet *p)
{
	struct seg s = {.frame = p->bytes, .frame_len = p->len};
	struct client *c;

	if (parse_frame(&s) != DROP_NONE || s.kind != SEG_TCP)
		return;
	if (p->damaged)
		sim_fail("the wire's damage was not found");
	trace(w, "client hears", &s);
	c = client_of(w, s.key.laddr, s.key.lport);
	if (c != NULL)
		client_input(c, &s, world_now_us(w));
}

/* The rules that hold between any two turns. */
static void
check_books(const struct world *w)
{
	const struct tcp *t = &w->rig->st->tcp;
	struct stack_usage u = stack_usage(w->rig->st);

	if (t->table.used != u.conns + u.half_open + u.time_wait)
		sim_fail("%u flows, %u connections, %u half open, %u in TIME-WAIT",
		        t->table.used, u.conns, u.half_open, u.time_wait);
	if (u.timers > u.conns)
		sim_fail("%u timers, %u connections", u.timers, u.conns);
	if (w->rig->bufs != u.kept + u.waiting + w->rig->st->nstash + w->rig->nin)
		sim_fail("%u buffers lent, %u kept, %u wait for a MAC", w->rig->bufs, u.kept,
		        u.waiting);
}

static uint64_t
next_us(const struct world *w)
{
	uint64_t now = world_now_us(w), next = now + STEP_US;

	for (unsigned i = 0; i < w->nclients; i++) {
		uint64_t at = client_next_us(&w->client[i]);

		if (at < next)
			next = at;
	}
	if (wire_next_us(&w->wire) < next)
		next = wire_next_us(&w->wire);
	return next > now + w->turn_us ? next : now + w->turn_us;
}

static void
deliver(struct world *w)
{
	for (unsigned n = 0; n < PER_TURN && wire_next_us(&w->wire) <= world_now_us(w); n++) {
		struct packet p = wire_take(&w->wire);

		if (p.to_server)
			to_server(w, &p);
		else
			to_client(w, &p);
		free(p.bytes);
	}
}

void
world_step(struct world *w)
{
	w->rig->now = clock_from_us(next_us(w));
	deliver(w);
	for (unsigned i = 0; i < w->nclients; i++)
		client_tick(&w->client[i], world_now_us(w));
	for (unsigned i = 0; i < w->nclients; i++)
		session_tick(&w->sessions.s[i]);
	w->rig->allocs_left = w->tight_buffers && rng_permille(&w->rng, 100)
	                              ? (int)rng_below(&w->rng, 3)
	                              : -1;
	rig_turn(w->rig);
	check_books(w);
}

/* The reset of a client that is gone may get lost: it is repeated until the
 * server has no connection. */
static bool
is_known(const struct world *w, const struct client *c)
{
	struct flow_key k = {.raddr = c->conf.ip,
	        .laddr = rig_ports[0].ip,
	        .rport = cpu_to_be16(c->conf.port),
	        .lport = cpu_to_be16(c->conf.server_port)};

	return flows_find_conn(&w->rig->st->tcp, &k) != NULL;
}

bool
world_is_over(const struct world *w)
{
	for (unsigned i = 0; i < w->nclients; i++) {
		const struct client *c = &w->client[i];
		const struct session *s = &w->sessions.s[i];

		if (c->state == CLIENT_SYN_SENT || s->closed != s->opened ||
		        (c->state == CLIENT_OPEN && !client_is_done(c)) || is_known(w, c))
			return false;
	}
	return true;
}

void
world_settle(struct world *w, uint32_t ms)
{
	uint64_t until = world_now_us(w) + ms * 1000ull;
	const struct tcp *t = &w->rig->st->tcp;

	for (unsigned i = 0; i < w->nclients; i++)
		w->client[i].rto_at = 0;
	while (world_now_us(w) < until)
		world_step(w);
	if (!rig_is_idle(w->rig) || t->table.used != 0 || t->table.used_overflow != 0) {
		struct stack_usage u = stack_usage(w->rig->st);

		sim_fail(
		        "left over: %u connections (%u half-open), %u in TIME-WAIT, %u timers, "
		        "%u buffers, %u to send, %u out of order, %u flows",
		        u.conns, u.half_open, u.time_wait, u.timers, u.kept, u.send_queued,
		        u.reasm_queued, t->table.used);
	}
}

void
world_destroy(struct world *w)
{
	unsigned lost;

	for (unsigned i = 0; i < w->nclients; i++)
		client_free(&w->client[i]);
	wire_free(&w->wire);
	lost = rig_free(w->rig);
	if (lost != 0)
		sim_fail("%u buffers lost", lost);
}
