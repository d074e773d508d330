/* SPDX-License-Identifier: BSD-3-Clause */
/* Work on all records is done in portions, between turns. */
#include <criterion/criterion.h>

#include "stack/private.h"
#include "stack/rig.h"
#include "tcp/flows.h"

#define N         10000
#define PORTION   2048 /* records that a call may look at */
#define DESCRIBED 80   /* records that a portion describes */
#define RESET     33   /* records that a portion resets */
#define SYN_ACK   (TCP_SYN | TCP_ACK)

static struct {
	unsigned destroyed, turns, heard;
} seen;

static void *
make(const void *conf, int node)
{
	(void)node;
	return (void *)(uintptr_t)conf;
}

static void
end(void *self)
{
	(void)self;
	seen.destroyed++;
}

static void
turn(struct hf_core *h, void *self)
{
	(void)h;
	(void)self;
	seen.turns++;
}

static void
opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	(void)h;
	(void)self;
	(void)c;
	seen.heard++;
}

static uint32_t
data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	(void)bytes;
	opened(h, self, c);
	return len;
}

static void
closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	(void)why;
	opened(h, self, c);
}

static const struct hf_service opener = {.name = "opener",
        .create = make,
        .destroy = end,
        .turn = turn,
        .opened = opened,
        .data = data,
        .peer_closed = opened,
        .closed = closed};

/* A client with N connections in SYN-SENT. */
static struct rig *
with_many(int *conf)
{
	const struct stack_conf c = {.max_conns = N + 10,
	        .max_half_open = N,
	        .max_time_wait = N,
	        .syn_cookie = SYN_COOKIE_OFF,
	        .secret = "a test's secret"};
	struct rig *r = rig_new(&c, 1000000);

	memset(&seen, 0, sizeof(seen));
	cr_assert_eq(stack_client(r->st, &opener, conf, NULL), 0);
	rig_tcp(r, .sport = 80, .dport = 1, .flags = TCP_ACK, .ack = 9); /* its MAC */
	rig_turn(r);
	for (unsigned i = 0; i < N; i++) {
		struct hf_open how = {.peer = {rig_ip(10, 0, 0, 1), cpu_to_be16(80)},
		        .local = {0, cpu_to_be16((uint16_t)(2000 + i))}};

		cr_assert_eq(
		        hf_connect((struct hf_core *)&r->st->tcp, &opener, conf, &how, NULL),
		        0);
		if (i % 256 == 255) {
			rig_turn(r);
			rig_forget(r);
		}
	}
	rig_turn(r);
	rig_forget(r);
	return r;
}

/* Each call writes and examines a bounded number. All calls together give the list of one call.
 */
static unsigned
list(struct rig *r, const char *state, uint32_t max, uint32_t shown, uint32_t total)
{
	struct stack_listing l = {
	        .state = state, .max = max, .out = calloc(max + 1, sizeof(*l.out))};
	unsigned calls = 1;

	for (;; calls++) {
		uint32_t at = l.at, n = l.n;
		unsigned part = l.part;
		bool more = stack_list_some(r->st, &l);

		cr_expect_leq(l.n - n, DESCRIBED);
		if (l.part == part)
			cr_expect_leq(l.at - at, PORTION);
		if (!more)
			break;
		rig_turn(r);
		rig_forget(r);
	}
	cr_expect_eq(l.n, shown);
	cr_expect_eq(l.total, total);
	free(l.out);
	return calls;
}

Test(stack_portions, listing_goes_on_turn_after_turn)
{
	int conf;
	struct rig *r = with_many(&conf);

	cr_expect_geq(list(r, "SYN-SENT", 5, 5, N), N / PORTION);
	cr_expect_geq(list(r, "ESTABLISHED", 5, 0, 0), N / PORTION);
	cr_expect_geq(list(r, "SYN-SENT", N, N, N), N / DESCRIBED);
	cr_expect_geq(list(r, NULL, N, N, N), N / DESCRIBED);
	cr_expect_eq(list(r, NULL, 5, 5, N), 1, "the rest is known");
	cr_expect_eq(list(r, "TIME-WAIT", 5, 0, 0), N / PORTION + 1);
	stack_client_end(r->st, &conf, r->now);
	cr_expect_eq(rig_free(r), 0);
}

static void
half_open(struct rig *r, struct rig_log *log)
{
	rig_listen(r, 80, &rig_quiet, log);
	for (unsigned i = 0; i < N; i++) {
		rig_tcp(r, .sport = (uint16_t)(1000 + i), .flags = TCP_SYN, .seq = i, .wnd = 1);
		if (i % 256 == 255) {
			rig_turn(r);
			rig_forget(r);
		}
	}
	rig_turn(r);
	rig_forget(r);
}

Test(stack_portions, listing_of_half_open_ones)
{
	const struct stack_conf c = {
	        .max_conns = 16, .max_half_open = N, .syn_cookie = SYN_COOKIE_OFF};
	struct rig *r = rig_new(&c, 1000000);
	struct rig_log log = {0};

	half_open(r, &log);
	cr_expect_geq(list(r, "SYN-RECEIVED", N, N, N), N / DESCRIBED);
	cr_expect_leq(list(r, "SYN-RECEIVED", 5, 5, N), 2);
	cr_expect_eq(rig_free(r), 0);
}

/* A record that leaves TIME-WAIT while the list is made is not looked for. */
Test(stack_portions, listing_of_what_goes_meanwhile)
{
	int conf;
	struct rig *r = with_many(&conf);
	struct stack_listing l = {
	        .state = "SYN-SENT", .max = N, .out = calloc(N, sizeof(*l.out))};

	cr_expect(stack_list_some(r->st, &l));
	stack_client_end(r->st, &conf, r->now);
	while (stack_list_some(r->st, &l))
		rig_turn(r);
	cr_expect_leq(l.n, DESCRIBED);
	free(l.out);
	cr_expect_eq(rig_free(r), 0);
}

/* The last connection is opened. Segments for it, while the others end, are for a closed port.
 */
Test(stack_portions, client_ends_turn_after_turn_and_hears_nothing)
{
	int conf;
	struct rig *r = with_many(&conf);
	const struct flow_key last = {rig_ip(10, 0, 0, 1), rig_ports[0].ip, cpu_to_be16(80),
	        cpu_to_be16(2000 + N - 1)};
	struct tcp_conn *c = flows_find_conn(&r->st->tcp, &last);
	uint32_t at = 0, left = N, ack = c->snd_nxt;
	unsigned calls = 0;

	rig_tcp(r, .sport = 80, .dport = 2000 + N - 1, .flags = SYN_ACK, .seq = 5, .ack = ack,
	        .wnd = 100);
	rig_turn(r);
	rig_forget(r);
	cr_assert_eq(c->state, TCP_ESTABLISHED);
	seen.heard = seen.turns = 0;
	while (stack_client_end_some(r->st, &conf, &at, r->now)) {
		uint32_t now = stack_usage(r->st).conns;

		cr_assert_leq(left - now, RESET);
		left = now;
		rig_forget(r);
		if (calls++ == 0)
			rig_tcp(r, .sport = 80, .dport = 2000 + N - 1,
			        .flags = TCP_ACK | TCP_FIN, .seq = 6, .ack = ack, .wnd = 100,
			        .text = "x", .len = 1);
		rig_turn(r);
		rig_forget(r);
		cr_assert_eq(seen.destroyed, 0);
	}
	cr_expect_geq(calls, N / RESET - 1);
	cr_expect_eq(seen.destroyed, 1);
	cr_expect(seen.heard == 0 && seen.turns == 0);
	rig_turn(r);
	cr_expect_eq(stack_usage(r->st).conns, 0);
	cr_expect_eq(rig_free(r), 0);
	cr_expect_eq(seen.destroyed, 1);
}

/* The places of the instance, and of its users, can be used again. */
Test(stack_portions, half_ended_client_ends_with_the_stack)
{
	int conf;
	struct rig *r = with_many(&conf);
	uint32_t at = 0;

	cr_expect(stack_client_end_some(r->st, &conf, &at, r->now));
	rig_turn(r);
	cr_expect_eq(rig_free(r), 0);
	cr_expect_eq(seen.destroyed, 1, "once");
}
