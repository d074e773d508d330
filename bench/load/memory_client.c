/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the memory of a client's connections with two stacks and no NIC. */
#include "memory_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/kit/bench.h"
#include "load/client/client.h"
#include "stack/stack.h"
#include "wire/parse.h"

#define BUFFERS      4096 /* far more than a turn uses */
#define ROOM         2048
#define TURN_US      10 /* of virtual time */
#define TURNS_MOST   (1u << 20)
#define SERVER_IP    0xc6120001u /* 198.18.0.1 */
#define CLIENT_IP    0xc6120002u
#define SOURCE_FIRST 0xc6130000u
#define SOURCES      64
#define NETMASK      cpu_to_be32(0xffffff00)

struct rig;

/* A stack, and the frames that have arrived for it. */
struct end {
	struct rig *rig;
	struct end *other;
	struct stack *st;
	unsigned head, tail; /* of the inbox, modulo its size */
	struct frame inbox[BUFFERS];
};

struct rig {
	uint64_t now_us;
	uint8_t *memory;
	unsigned nfree;
	void *free[BUFFERS];
	struct end client, server;
};

static unsigned
end_alloc(void *ctx, struct frame *f, unsigned n)
{
	struct rig *r = ((struct end *)ctx)->rig;
	unsigned i;

	for (i = 0; i < n && r->nfree > 0; i++) {
		f[i].buf = f[i].data = r->free[--r->nfree];
		f[i].room = ROOM;
	}
	return i;
}

static void
end_free(void *ctx, void **bufs, unsigned n)
{
	struct rig *r = ((struct end *)ctx)->rig;

	for (unsigned i = 0; i < n; i++)
		r->free[r->nfree++] = bufs[i];
}

/* The inbox never overflows, since it has as many places as there are buffers. */
static unsigned
end_transmit(void *ctx, uint8_t port, const struct frame *f, unsigned n)
{
	struct end *to = ((struct end *)ctx)->other;

	(void)port;
	for (unsigned i = 0; i < n; i++)
		to->inbox[to->tail++ % BUFFERS] = f[i];
	return n;
}

static struct clock
next_turn_clock(struct rig *r)
{
	return clock_from_us(r->now_us += TURN_US);
}

static void
run_turn(struct end *e)
{
	struct seg seg[LIMIT_BURST];
	unsigned n = 0;

	memset(seg, 0, sizeof(seg));
	for (; n < LIMIT_BURST && e->head != e->tail; n++) {
		const struct frame *f = &e->inbox[e->head++ % BUFFERS];

		seg[n].buf = f->buf;
		seg[n].frame = f->data;
		seg[n].frame_len = f->len;
		seg[n].room = ROOM;
	}
	stack_turn_begin(e->st, next_turn_clock(e->rig));
	for (unsigned i = 0; i < n; i++)
		parse_frame(&seg[i]);
	stack_input(e->st, seg, n);
	stack_turn_end(e->st, e->head != e->tail);
	for (unsigned i = 0; i < n; i++) {
		if (seg[i].buf != NULL)
			end_free(e, &seg[i].buf, 1);
	}
}

static bool
make_stack(struct end *e, uint32_t conns, bool client)
{
	const struct stack_conf conf = {
	        .max_conns = conns,
	        .max_half_open = LIMIT_BURST,
	        .syn_cookie = SYN_COOKIE_ALWAYS, /* half-open connections leave no record */
	        .max_time_wait = 1024,
	        .source_first = client ? SOURCE_FIRST : 0,
	        .source_count = client ? SOURCES : 0,
	};
	const struct stack_io io = {
	        .ctx = e, .alloc = end_alloc, .free = end_free, .transmit = end_transmit};

	return stack_create(&e->st, &conf, &io, -1, next_turn_clock(e->rig)) == 0;
}

static uint64_t
stack_bytes(struct rig *r, uint32_t conns)
{
	uint64_t bytes = 0;

	if (make_stack(&r->client, conns, true)) {
		bytes = stack_usage(r->client.st).bytes;
		stack_destroy(r->client.st);
		r->client.st = NULL;
	}
	return bytes;
}

/* Sends nothing, so that the client waits for an answer. */
static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)h;
	(void)self;
	(void)c;
	(void)bytes;
	return len;
}

static const struct hf_service silent = {.name = "silent", .data = on_data};

static bool
set_port(struct end *e, uint32_t ip, uint32_t gateway, uint8_t mac)
{
	const struct stack_port port = {.mac = {2, 0, 0, 0, 0, mac},
	        .ip = cpu_to_be32(ip),
	        .netmask = NETMASK,
	        .gateway = cpu_to_be32(gateway),
	        .mtu = 1500};

	return stack_set_port(e->st, 0, &port, next_turn_clock(e->rig)) == 0;
}

/* Makes both stacks learn each other's MAC, since a SYN that waits for one may be sent again.
 */
static bool
introduce_stacks(struct rig *r)
{
	enum stack_route route = STACK_ROUTE_ASKING;
	uint8_t port;

	for (unsigned i = 0; i < 1000 && route == STACK_ROUTE_ASKING; i++) {
		route = stack_route_to(
		        r->client.st, cpu_to_be32(SERVER_IP), &port, next_turn_clock(r));
		run_turn(&r->client);
		run_turn(&r->server);
	}
	return route == STACK_ROUTE_KNOWN;
}

static bool
start_load(struct rig *r, uint32_t conns)
{
	const struct load_spec spec = {
	        .url = {.kind = LOAD_HTTP,
	                .addr = cpu_to_be32(SERVER_IP),
	                .port = cpu_to_be16(80),
	                .path = "/"},
	        .concurrency = conns,
	        .duration_s = 1000,
	        .requests = 1,
	        .close = LOAD_CLOSE_SERVER,
	};
	const struct load_client_conf conf = {
	        .spec = &spec,
	        .shares = 1,
	        .max_conns = conns,
	        .source_first = SOURCE_FIRST,
	        .source_count = SOURCES,
	        .begin_us = r->now_us,
	};

	return stack_client(r->client.st, &load_client, &conf, NULL) == 0;
}

/* Runs turns until all connections are open on both sides. */
static uint32_t
open_conns(struct rig *r, uint32_t conns)
{
	struct stack_usage client = {0}, server = {0};

	for (unsigned i = 0; i < TURNS_MOST; i++) {
		run_turn(&r->client);
		do /* the server receives two segments, SYN and ACK, for each connection */
			run_turn(&r->server);
		while (r->server.head != r->server.tail);
		client = stack_usage(r->client.st);
		server = stack_usage(r->server.st);
		if (client.conns == conns && server.conns == conns && server.half_open == 0 &&
		        r->client.head == r->client.tail && r->server.head == r->server.tail)
			break;
	}
	return client.conns < server.conns ? client.conns : server.conns;
}

static bool
measure_memory(struct rig *r, uint32_t conns, struct memory_client *out)
{
	uint64_t before;

	/* All clients are of one /24, and the server reserves an eighth for other networks. */
	out->stack = (double)(stack_bytes(r, conns) - stack_bytes(r, conns / 2)) / (conns / 2);
	if (!make_stack(&r->client, conns, true) ||
	        !make_stack(&r->server, conns + conns / 7 + 8, false) ||
	        !set_port(&r->client, CLIENT_IP, 0, 2) ||
	        !set_port(&r->server, SERVER_IP, CLIENT_IP, 1) ||
	        stack_listen(r->server.st, 0, cpu_to_be16(80), &silent, NULL) != 0 ||
	        !introduce_stacks(r))
		return false;
	before = bench_resident_bytes();
	if (!start_load(r, conns))
		return false;
	out->record = (double)(bench_resident_bytes() - before) / conns;
	out->open = open_conns(r, conns);
	return true;
}

static struct rig *
make_rig(void)
{
	struct rig *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->memory = calloc(BUFFERS, ROOM);
	r->client.rig = r->server.rig = r;
	r->client.other = &r->server;
	r->server.other = &r->client;
	for (unsigned i = 0; i < BUFFERS && r->memory != NULL; i++)
		r->free[r->nfree++] = r->memory + (size_t)i * ROOM;
	return r;
}

bool
memory_client_measure(uint32_t conns, struct memory_client *out)
{
	struct rig *r = make_rig();
	bool ok = r != NULL && r->memory != NULL && measure_memory(r, conns, out);

	if (!ok)
		fprintf(stderr, "memory_bench: the client's side could not be made\n");
	if (r == NULL)
		return false;
	if (r->client.st != NULL)
		stack_destroy(r->client.st);
	if (r->server.st != NULL)
		stack_destroy(r->server.st);
	free(r->memory);
	free(r);
	return ok;
}
