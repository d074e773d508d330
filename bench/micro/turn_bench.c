/* SPDX-License-Identifier: BSD-3-Clause */
/* turn_bench: how long a packet waits while something concerns all connections at once.
 *
 * The stack has no NIC. Its connections were never opened: their records are set as they are
 * after a handshake. Each task runs in one go, and then as a worker runs it, in portions
 * between turns. A packet waits for the longest turn or portion.
 *
 * Time  of this thread: it stands still while other threads have the CPU. A reading takes
 *       some hundred ns, which are in each figure.
 */
#include <string.h>

#include "bench/kit/bench.h"
#include "bench/kit/options.h"
#include "bench/kit/table.h"
#include "stack/private.h"
#include "tcp/life.h"
#include "tcp/timers.h"

#define RECORDS 10000000u
#define FEW(n)  ((n) / 10)
#define TURN_US 20 /* of virtual time */
#define BUFFERS 512
#define ROOM    2048
#define OUR_IP  cpu_to_be32(0xc0a8ff01)
#define GATEWAY cpu_to_be32(0xc0a8ff02)
#define SPREAD  200 /* the timers of a slot are due within this many ms */

static struct rig {
	struct stack *st;
	uint64_t now_us;
	uint8_t *memory;
	unsigned nfree;
	void *free[BUFFERS];
	uint64_t sent;
	void *self; /* the client */
	uint32_t *order;
} rig;

/* Turns or portions: the longest, the length that one in a thousand exceeds, and the total. */
#define SPANS 65536
struct spans {
	uint64_t begun_ns;
	double longest_ns, total_ns;
	unsigned n;
	double ns[SPANS];
};

static struct spans spans[3];

static unsigned
lend_buffers(void *ctx, struct frame *f, unsigned n)
{
	struct rig *r = ctx;
	unsigned i;

	for (i = 0; i < n && r->nfree > 0; i++) {
		f[i].buf = f[i].data = r->free[--r->nfree];
		f[i].room = ROOM;
	}
	return i;
}

static void
take_buffers_back(void *ctx, void **bufs, unsigned n)
{
	struct rig *r = ctx;

	for (unsigned i = 0; i < n; i++)
		r->free[r->nfree++] = bufs[i];
}

static unsigned
transmit_frames(void *ctx, uint8_t port, const struct frame *f, unsigned n)
{
	struct rig *r = ctx;

	(void)port;
	for (unsigned i = 0; i < n; i++)
		r->free[r->nfree++] = f[i].buf;
	r->sent += n;
	return n;
}

static void
on_turn(struct hf_core *h, void *self)
{
	(void)h;
	(void)self;
}

static const struct hf_service client = {.name = "bench", .turn = on_turn};

static int
rig_create(struct rig *r, uint32_t records)
{
	static const uint8_t mac[ETH_ALEN] = {2, 0, 0, 0, 0, 2};
	const struct stack_conf conf = {
	        .max_conns = records, .max_half_open = 64, .max_time_wait = 64};
	const struct stack_io io = {.ctx = r,
	        .alloc = lend_buffers,
	        .free = take_buffers_back,
	        .transmit = transmit_frames};
	const struct stack_port port = {.mac = {2, 0, 0, 0, 0, 1},
	        .ip = OUR_IP,
	        .netmask = cpu_to_be32(0xffffff00),
	        .gateway = GATEWAY,
	        .mtu = 1500};
	struct clock now = clock_from_us(r->now_us);
	int err;

	r->nfree = 0;
	for (unsigned i = 0; i < BUFFERS; i++)
		r->free[r->nfree++] = r->memory + (size_t)i * ROOM;
	if ((err = stack_create(&r->st, &conf, &io, -1, now)) != 0 ||
	        (err = stack_set_port(r->st, 0, &port, now)) != 0)
		return err;
	neigh_confirm(r->st->port[0].neigh, GATEWAY, mac, now);
	return stack_client(r->st, &client, r, &r->self);
}

/* Adds connections, with their records as after a handshake that a client began. */
static bool
add_records(struct rig *r, uint32_t n)
{
	struct tcp *t = &r->st->tcp;

	for (uint32_t i = 0; i < n; i++) {
		struct flow_key k = {.raddr = cpu_to_be32(0x0a000000 + i / 50000),
		        .laddr = OUR_IP,
		        .rport = cpu_to_be16(80),
		        .lport = cpu_to_be16((uint16_t)(10000 + i % 50000))};
		struct tcp_conn *c = tcp_conn_new(t, &k, tcp_flow_hash(t, &k), FLOW_NONE);

		if (c == NULL)
			return false;
		c->state = TCP_ESTABLISHED;
		c->user = 0;
		c->mss = 1460;
		t->user[0].open++;
	}
	return true;
}

static void
span_begin(struct spans *s)
{
	s->begun_ns = bench_cpu_ns();
}

static void
span_end(struct spans *s)
{
	double ns = (double)(bench_cpu_ns() - s->begun_ns);

	s->longest_ns = ns > s->longest_ns ? ns : s->longest_ns;
	s->total_ns += ns;
	s->ns[s->n++ % SPANS] = ns;
}

static void
run_turn(struct rig *r, uint64_t us, struct spans *s)
{
	span_begin(s);
	r->now_us += us;
	stack_turn_begin(r->st, clock_from_us(r->now_us));
	stack_turn_end(r->st, false);
	span_end(s);
}

static void
print_spans(const char *what, const char *how, struct spans *s)
{
	unsigned n = s->n < SPANS ? s->n : SPANS;

	qsort(s->ns, n, sizeof(s->ns[0]), bench_compare);
	table_group("%s%s%s", what, how[0] != '\0' ? ", " : "", how);
	table_figure("longest", s->longest_ns / 1e3, "us");
	table_figure("one in a thousand is longer", s->ns[n - 1 - n / 1000] / 1e3, "us");
	table_note("%u in all, together %.1f ms", s->n, s->total_ns / 1e6);
	*s = (struct spans) {.n = 0};
}

/* Measures idle turns: their figures show the disturbance by the machine. */
static void
measure_idle_turns(struct rig *r)
{
	for (unsigned i = 0; i < 20000; i++)
		run_turn(r, TURN_US, &spans[0]);
	print_spans("a turn with nothing to do", "", &spans[0]);
}

/* Arms the FIN-WAIT-2 timers of orphans. All are in one slot of the wheel and due within
 * SPREAD ms. The order of arming is random, as is the order in which connections end. */
static void
arm_all_timers(struct rig *r)
{
	struct tcp *t = &r->st->tcp;

	for (uint32_t k = 0; k < t->conns.fresh; k++) {
		uint32_t i = r->order[k];
		struct tcp_conn *c = tcp_conn_at(t, i);

		if (c->state == TCP_CLOSED)
			continue;
		c->state = TCP_FIN_WAIT_2;
		c->flags = CONN_APP_GONE;
		c->timers = TIMER_LIFE;
		if (wheel_armed(&c->timer))
			wheel_disarm(&t->wheel, i);
		c->life_at = (t->wheel.now / 65536 + 2) * 65536 + i % SPREAD;
		wheel_arm(&t->wheel, i, c->life_at);
	}
}

/* Runs turns up to the tick where the slot begins to move. */
static void
reach_slot(struct rig *r)
{
	while (!wheel_moving(&r->st->tcp.wheel))
		run_turn(r, US_PER_MILLISECOND, &spans[2]);
}

static void
measure_slot(struct rig *r)
{
	struct spans *whole = &spans[0], *turns = &spans[1];
	struct wheel *w = &r->st->tcp.wheel;
	uint32_t all = UINT32_MAX;

	arm_all_timers(r);
	reach_slot(r);
	span_begin(whole);
	while (wheel_moving(w))
		wheel_settle(w, &all);
	span_end(whole);
	print_spans("a slot of the wheel moves down", "in one go", whole);
	arm_all_timers(r);
	reach_slot(r);
	while (wheel_moving(w))
		run_turn(r, TURN_US, turns);
	print_spans("a slot of the wheel moves down", "turn by turn", turns);
	while (w->armed > 0)
		run_turn(r, TURN_US, turns);
	print_spans("the timers of that slot fire", "turn by turn", turns);
}

static void
measure_list(struct rig *r)
{
	struct stack_conn_info info[5];
	struct stack_listing l = {.state = "CLOSE-WAIT", .out = info, .max = 5};
	struct spans *whole = &spans[0], *portions = &spans[1];
	uint32_t total;
	bool more;

	span_begin(whole);
	stack_conns(r->st, "CLOSE-WAIT", info, 5, &total);
	span_end(whole);
	print_spans("list a state that none is in", "in one go", whole);
	do {
		span_begin(portions);
		more = stack_list_some(r->st, &l);
		span_end(portions);
	} while (more);
	print_spans("list a state that none is in", "in portions", portions);
}

static void
measure_describe(struct rig *r, uint32_t n)
{
	struct stack_listing l = {.state = "ESTABLISHED", .max = n};
	struct spans *portions = &spans[1];
	bool more;

	l.out = calloc(n, sizeof(*l.out));
	if (l.out == NULL)
		return;
	do {
		span_begin(portions);
		more = stack_list_some(r->st, &l);
		span_end(portions);
	} while (more && l.n < n);
	print_spans("list 10,000 connections", "in portions", portions);
	free(l.out);
}

static void
measure_end(struct rig *r, bool whole)
{
	struct clock now = clock_from_us(r->now_us);
	struct spans *portions = &spans[1];
	uint32_t at = 0;
	bool more;

	do {
		span_begin(portions);
		if (whole)
			stack_client_end(r->st, r->self, now);
		more = !whole && stack_client_end_some(r->st, r->self, &at, now);
		span_end(portions);
		run_turn(r, TURN_US, &spans[2]);
	} while (more);
	print_spans("a client ends, and all that it opened",
	        whole ? "in one go" : "in portions", portions);
}

static bool
measure_few_records(struct rig *r, uint32_t n)
{
	uint64_t seed = 1;

	if (rig_create(r, n) != 0 || !add_records(r, n))
		return false;
	measure_end(r, true);
	stack_destroy(r->st);
	if (rig_create(r, n) != 0 || !add_records(r, n))
		return false;
	measure_end(r, false);
	stack_destroy(r->st);
	if (rig_create(r, n) != 0 || !add_records(r, n))
		return false;
	r->order = bench_permutation(n, &seed);
	if (r->order == NULL)
		return false;
	measure_slot(r);
	free(r->order);
	stack_destroy(r->st);
	return true;
}

int
main(int argc, char **argv)
{
	unsigned n = RECORDS;
	const struct option_row rows[] = {
	        OPTION_COUNT("records", "N", &n, 100, 1u << 28,
	                "of 210 bytes; a tenth has a timer [10000000]"),
	};

	if (!options_read("turn_bench", rows, 1, argc, argv))
		return 2;
	rig.now_us = 1000 * US_PER_SECOND;
	rig.memory = malloc((size_t)BUFFERS * ROOM);
	if (rig.memory == NULL || rig_create(&rig, n) != 0 || !add_records(&rig, n)) {
		fprintf(stderr, "no memory for %u records: turn_bench --records 1000000\n", n);
		return 1;
	}
	table_head(
	        "turn_bench: how long a packet waits, with %u records, and with %u where timers "
	        "or the end of a client are measured",
	        n, FEW(n));
	measure_idle_turns(&rig);
	measure_list(&rig);
	measure_describe(&rig, 10000);
	stack_destroy(rig.st);
	if (!measure_few_records(&rig, FEW(n))) {
		fprintf(stderr, "no memory for %u records more\n", FEW(n));
		return 1;
	}
	free(rig.memory);
	return 0;
}
