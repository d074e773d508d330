/* SPDX-License-Identifier: BSD-3-Clause */
/* Two stacks on a faulty wire. One opens connections to the other, or both open the same one at
 * the same time. Streams go both ways, and either side closes first. Text must arrive whole,
 * once and in order. Both sides must come to the same end, and nothing may be left. */
#include <stdio.h>
#include <stdlib.h>

#include "service.h"
#include "stack/private.h"
#include "stack/rig.h"
#include "wire.h"

#define FOREVER_S    3600    /* of virtual time */
#define MSL_MS       500000  /* a FIN is repeated within 2 MSL, even 15 times */
#define SETTLE_MS    2500000 /* TIME-WAIT, and a connection that a late SYN has opened */
#define STEP_US      5000
#define LONG_STEP_US 100000
#define SERVICE_PORT 7
#define BOTH_PORT    20000 /* of B, where both open */

struct host {
	struct pair *pair;
	unsigned index; /* 0: A, which opens; 1: B */
	struct rig *rig;
	struct sessions sessions;
};

struct pair {
	struct host host[2];
	struct wire wire;
	struct rng rng;
	unsigned n;
	uint64_t step_us;
};

static struct hf_core *
core_of(const struct host *h)
{
	return (struct hf_core *)&h->rig->st->tcp;
}

static be32
ip_of(unsigned host)
{
	return rig_ip(10, 0, 0, 1 + host);
}

static uint32_t
pick(struct rng *r, const uint32_t *of, unsigned n)
{
	return of[rng_below(r, n)];
}

#define PICK(r, ...)                              \
	pick(r, (const uint32_t[]) {__VA_ARGS__}, \
	        sizeof((const uint32_t[]) {__VA_ARGS__}) / sizeof(uint32_t))

static void
trace(const struct host *h, const struct seg *s)
{
	if (!sim_traces() || s->kind != SEG_TCP)
		return;
	printf("%10.3f %c says %u>%u %s%s%s%s seq %u ack %u wnd %u len %u\n",
	        (double)h->rig->now.us / 1000, 'A' + (int)h->index, be16_to_cpu(s->key.rport),
	        be16_to_cpu(s->key.lport), s->flags & TCP_SYN ? "S" : "",
	        s->flags & TCP_FIN ? "F" : "", s->flags & TCP_RST ? "R" : "",
	        s->flags & TCP_ACK ? "." : "", s->seq, s->ack, s->wnd, s->len);
}

/* The wire does nothing to ARP: a lost answer ends an open, as it should. */
static void
says(void *ctx, const struct rig_out *o)
{
	struct host *h = ctx;
	struct pair *p = h->pair;

	if (o->parsed != DROP_NONE)
		sim_fail("a frame with %s was sent", drop_name(o->parsed));
	trace(h, &o->seg);
	if (o->seg.kind == SEG_ARP)
		wire_pass(&p->wire, h->rig->now.us, h->index == 0, o->seg.frame,
		        o->seg.frame_len);
	else
		wire_send(&p->wire, h->rig->now.us, h->index == 0, o->seg.frame,
		        o->seg.frame_len);
}

static void
make_host(struct pair *p, unsigned i, uint64_t seed, uint64_t now_us)
{
	struct stack_port ports[RIG_PORTS] = {rig_ports[0], rig_ports[1]};
	struct host *h = &p->host[i];
	struct stack_conf conf = {.max_conns = 64,
	        .orphan_ms = 3600000, /* a bad wire may take long */
	        .max_kept = PICK(&p->rng, 8, 64, 1000),
	        .msl_ms = MSL_MS,
	        .syn_retries = 15,
	        .connect_retries = 15,
	        .retries = 15,
	        .offer = (uint8_t)(SEG_OPT_MSS | rng_below(&p->rng, 16)),
	        .rcv_wnd = PICK(&p->rng, 1024, 20000, 65535, 262144, 4000000)};

	memcpy(conf.secret, &seed, sizeof(seed));
	conf.secret[15] = (uint8_t)(1 + i);
	for (unsigned k = 0; k < RIG_PORTS; k++) {
		ports[k].ip = rig_ip(10, 0, k, 1 + i);
		ports[k].mac[5] = (uint8_t)(1 + i);
	}
	h->pair = p;
	h->index = i;
	h->rig = rig_new_with(&conf, now_us, ports);
	h->rig->sees = says;
	h->rig->ctx = h;
	if (stack_listen(h->rig->st, 0, cpu_to_be16(SERVICE_PORT), &sim_service, &h->sessions))
		sim_fail("stack_listen()");
}

/* The two halves of one conversation. At least one side closes without waiting for the other.
 */
static void
draw_sessions(struct pair *p, struct session_conf *a, struct session_conf *b)
{
	struct rng *r = &p->rng;
	const struct wire_faults *f = &p->wire.faults;
	uint32_t most = f->loss + f->damage + f->cut >= 100 ? 20000 : STREAM_MAX - 1;
	uint32_t there = rng_below(r, PICK(r, 1, 700, 5000, 60000, STREAM_MAX - 1)) % most;
	uint32_t back = rng_below(r, PICK(r, 1, 700, 5000, 60000, STREAM_MAX - 1)) % most;
	bool a_first = rng_permille(r, 500);

	*a = (struct session_conf) {
	        .mode = PICK(r, MODE_STATIC, MODE_FILLED),
	        .end = a_first ? PICK(r, END_SHUTDOWN, END_CLOSE) : END_AFTER_PEER,
	        .out = there,
	        .out_at = (uint32_t)rng_next(r),
	        .in = back,
	        .in_at = (uint32_t)rng_next(r),
	        .chunk = PICK(r, 500, 5000, 100000),
	        .partial = rng_permille(r, 200),
	        .room = PICK(r, 0, 0, 0, 3000),
	        .abort_at = UINT32_MAX,
	};
	*b = *a;
	b->mode = PICK(r, MODE_STATIC, MODE_FILLED);
	b->end = a_first && rng_permille(r, 500) ? END_AFTER_PEER : END_SHUTDOWN;
	b->out = back;
	b->out_at = a->in_at;
	b->in = there;
	b->in_at = a->out_at;
	b->out_after = rng_permille(r, 300) ? there : 0;
	b->partial = rng_permille(r, 200);
}

static void
connect_one(struct pair *p, unsigned from, unsigned i, uint16_t lport, uint16_t rport)
{
	struct host *h = &p->host[from];
	struct session *s = &h->sessions.s[i];
	struct hf_open how = {
	        .peer = {ip_of(1 - from), cpu_to_be16(rport)},
	        .local = {0, cpu_to_be16(lport)},
	        .ctx = s,
	};
	struct hf_conn *c;
	int rc = hf_connect(core_of(h), &sim_opener, NULL, &how, &c);

	if (rc != 0)
		sim_fail("hf_connect(): %d", rc);
	/* hf_close() before it is opened would abort it */
	session_connecting(
	        s, core_of(h), c, s->conf.end != END_CLOSE && rng_permille(&p->rng, 300));
}

static void
open_session(struct pair *p, unsigned i)
{
	uint16_t lport = (uint16_t)(SESSION_PORT + i);
	bool both = rng_permille(&p->rng, 300);
	uint16_t rport = both ? (uint16_t)(BOTH_PORT + i) : SERVICE_PORT;

	for (unsigned k = 0; k < 2; k++)
		p->host[k].sessions.s[i].rng.state = rng_next(&p->rng);
	draw_sessions(p, &p->host[0].sessions.s[i].conf, &p->host[1].sessions.s[i].conf);
	connect_one(p, 0, i, lport, rport);
	if (both)
		connect_one(p, 1, i, rport, lport);
}

static void
deliver(struct pair *p, uint64_t now_us)
{
	for (unsigned n = 0; n < 400 && wire_next_us(&p->wire) <= now_us; n++) {
		struct packet k = wire_take(&p->wire);
		struct rig *to = p->host[k.to_server].rig;

		if (to->nin < RIG_INPUT)
			rig_push(to, 0, k.bytes, k.len);
		free(k.bytes);
	}
}

static void
step(struct pair *p)
{
	uint64_t now = p->host[0].rig->now.us, next = now + p->step_us;

	if (wire_next_us(&p->wire) < next)
		next = wire_next_us(&p->wire);
	if (next < now + 50)
		next = now + 50;
	deliver(p, next);
	for (unsigned k = 0; k < 2; k++) {
		struct host *h = &p->host[k];

		h->rig->now = clock_from_us(next);
		for (unsigned i = 0; i < p->n; i++)
			session_tick(&h->sessions.s[i]);
		rig_turn(h->rig);
	}
}

static bool
is_over(const struct pair *p)
{
	for (unsigned i = 0; i < p->n; i++)
		for (unsigned k = 0; k < 2; k++)
			if (p->host[k].sessions.s[i].closed == 0)
				return false;
	return true;
}

static void
check_end(const struct pair *p)
{
	for (unsigned i = 0; i < 2 * p->n; i++) {
		const struct session *s = &p->host[i % 2].sessions.s[i / 2];

		if (s->opened != 1 || s->closed != 1 || s->why != HF_CLOSED)
			sim_fail("%c%u: opened %u, closed %u, %s", 'A' + (int)(i % 2), i / 2,
			        s->opened, s->closed, hf_reason_name(s->why));
		if (s->got != s->conf.in || s->queued != s->conf.out)
			sim_fail("%c%u: %u of %u bytes in, %u of %u out", 'A' + (int)(i % 2),
			        i / 2, s->got, s->conf.in, s->queued, s->conf.out);
	}
}

static struct wire_faults
draw_faults(struct rng *r)
{
	struct wire_faults f = {.delay_us = PICK(r, 10, 500, 5000, 40000)};

	if (rng_permille(r, 150))
		return f; /* a good one */
	f.loss = PICK(r, 0, 10, 50, 100, 200);
	f.twice = PICK(r, 0, 0, 20, 200);
	f.damage = PICK(r, 0, 0, 10, 50);
	f.cut = PICK(r, 0, 0, 10, 30);
	f.jitter_us = PICK(r, 0, 100, 5000, 50000, 300000);
	return f;
}

/* Frames that are late may open something once more; it must end, too. */
static void
settle(struct pair *p)
{
	uint64_t until = p->host[0].rig->now.us + SETTLE_MS * 1000ull;
	bool idle = false;

	p->wire.faults = (struct wire_faults) {.delay_us = 100};
	p->step_us = LONG_STEP_US;
	while (!idle && p->host[0].rig->now.us < until) {
		step(p);
		idle = rig_is_idle(p->host[0].rig) && rig_is_idle(p->host[1].rig) &&
		       p->wire.n == 0;
	}
	if (!idle)
		sim_fail("something is left over");
	wire_free(&p->wire);
	for (unsigned k = 0; k < 2; k++) {
		const struct tcp *t = &p->host[k].rig->st->tcp;

		if (t->table.used != 0)
			sim_fail("%u flows left", t->table.used);
		if (rig_free(p->host[k].rig) != 0)
			sim_fail("buffers lost");
	}
}

static void
one(uint64_t seed)
{
	static struct pair p;
	uint64_t start, until;
	uint8_t port;

	memset(&p, 0, sizeof(p));
	p.rng.state = seed;
	p.wire.rng.state = rng_next(&p.rng);
	p.n = 1 + rng_below(&p.rng, 6);
	p.step_us = STEP_US;
	/* where milliseconds wrap, at times */
	start = rng_permille(&p.rng, 300) ? (1ull << 32) * 1000 - rng_below(&p.rng, 3000000)
	                                  : rng_next(&p.rng) >> 20;
	for (unsigned k = 0; k < 2; k++)
		make_host(&p, k, seed, start);
	/* stacks that open at the same time must not wait for ARP */
	for (unsigned k = 0; k < 2; k++)
		stack_route_to(p.host[k].rig->st, ip_of(1 - k), &port, p.host[k].rig->now);
	for (unsigned i = 0; i < 10; i++)
		step(&p);
	p.wire.faults = draw_faults(&p.rng);
	for (unsigned i = 0; i < p.n; i++)
		open_session(&p, i);
	until = p.host[0].rig->now.us + FOREVER_S * 1000000ull;
	while (!is_over(&p)) {
		step(&p);
		if (p.host[0].rig->now.us > until)
			sim_fail("it does not end");
	}
	check_end(&p);
	settle(&p);
}

int
main(void)
{
	return sim_main("pair", 1000, one);
}
