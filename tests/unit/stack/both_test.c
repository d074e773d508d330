/* SPDX-License-Identifier: BSD-3-Clause */
/* Two stacks that open to each other at the same time (RFC 9293 3.5, figure 8). */
#include <criterion/criterion.h>

#include "stack/private.h"
#include "stack/rig.h"

#define START_US 1000000
#define SEGMENTS 16 /* more than such a connection has, without losses */
#define NONE     UINT32_MAX

struct end {
	struct rig *rig;
	struct hf_core *core;
	struct hf_conn *conn;
	unsigned opened, closed;
	enum hf_reason why;
	char got[64];
	uint32_t ngot;
	const char *says; /* once opened */
};

static void
on_opened(struct hf_core *h, void *self, struct hf_conn *c)
{
	struct end *e = self;

	e->opened++;
	hf_send(h, c, e->says, (uint32_t)strlen(e->says));
}

static uint32_t
on_data(struct hf_core *h, void *self, struct hf_conn *c, const uint8_t *bytes, uint32_t len)
{
	struct end *e = self;

	(void)h;
	(void)c;
	cr_assert_lt(e->ngot + len, sizeof(e->got));
	memcpy(e->got + e->ngot, bytes, len);
	e->ngot += len;
	return len;
}

static void
on_closed(struct hf_core *h, void *self, struct hf_conn *c, enum hf_reason why)
{
	struct end *e = self;

	(void)h;
	(void)c;
	e->closed++;
	e->why = why;
	e->conn = NULL;
}

static const struct hf_service talker = {
        .name = "talker", .opened = on_opened, .data = on_data, .closed = on_closed};

static struct end ends[2];
static uint32_t lose;     /* which TCP segment of all; NONE */
static uint32_t segments; /* seen so far */

static void
start(unsigned i, const char *says)
{
	struct stack_port ports[RIG_PORTS] = {rig_ports[0], rig_ports[1]};
	struct stack_conf conf = {.max_conns = 16,
	        .msl_ms = 1000,
	        .secret = "a test's secret",
	        .rcv_wnd = 1000000};

	for (unsigned k = 0; k < RIG_PORTS; k++) {
		ports[k].ip = rig_ip(10, 0, k, 1 + i);
		ports[k].mac[5] = (uint8_t)(1 + i);
	}
	conf.secret[0] = (uint8_t)i;
	ends[i] = (struct end) {.rig = rig_new_with(&conf, START_US, ports), .says = says};
	ends[i].core = (struct hf_core *)&ends[i].rig->st->tcp;
}

static void
open_to_other(unsigned i)
{
	struct hf_open how = {
	        .peer = {rig_ip(10, 0, 0, 2 - i), cpu_to_be16((uint16_t)(3001 - i))},
	        .local = {0, cpu_to_be16((uint16_t)(3000 + i))},
	};

	cr_assert_eq(hf_connect(ends[i].core, &talker, &ends[i], &how, &ends[i].conn), 0);
}

/* The frames of one stack reach the other, except the one that is to be lost. */
static void
carry(unsigned from)
{
	const struct rig_out *o;

	while ((o = rig_next(ends[from].rig)) != NULL) {
		cr_assert_eq(o->parsed, DROP_NONE);
		if (o->seg.kind != SEG_TCP || segments++ != lose)
			rig_push(ends[1 - from].rig, 0, o->seg.frame, o->seg.frame_len);
	}
	rig_forget(ends[from].rig);
}

/* N milliseconds, with a turn of both stacks in each. A frame takes one. */
static void
run(uint32_t ms)
{
	while (ms-- > 0) {
		carry(0);
		carry(1);
		for (unsigned i = 0; i < 2; i++) {
			ends[i].rig->now = clock_from_us(ends[i].rig->now.us + 1000);
			rig_turn(ends[i].rig);
		}
	}
}

/* Both know the other's MAC, so that the SYNs cross. */
static void
meet(void)
{
	uint8_t port;

	lose = NONE;
	segments = 0;
	start(0, "hello from the first");
	start(1, "and from the second");
	for (unsigned i = 0; i < 2; i++)
		stack_route_to(
		        ends[i].rig->st, rig_ip(10, 0, 0, 2 - i), &port, ends[i].rig->now);
	run(5);
	open_to_other(0);
	open_to_other(1);
}

static void
part(void)
{
	run(8000);
	for (unsigned i = 0; i < 2; i++) {
		cr_expect_eq(ends[i].closed, 1, "%u: segment %u lost", i, lose);
		cr_expect(rig_is_idle(ends[i].rig), "%u: segment %u lost", i, lose);
		cr_expect_eq(rig_free(ends[i].rig), 0);
	}
}

static void
expect_both_open(void)
{
	for (unsigned i = 0; i < 2; i++) {
		struct end *e = &ends[i];

		cr_expect_eq(e->opened, 1, "%u: segment %u lost", i, lose);
		cr_expect_str_eq(e->got, ends[1 - i].says, "%u: segment %u lost", i, lose);
		cr_expect_eq(stack_counters(e->rig->st)->conn_connected, 1);
		cr_expect_eq(stack_counters(e->rig->st)->rst_sent, 0);
		cr_assert_not_null(e->conn, "%u: segment %u lost", i, lose);
	}
}

Test(stack_both, open_talk_close)
{
	meet();
	run(100);
	expect_both_open();
	for (unsigned i = 0; i < 2; i++)
		cr_expect_eq(stack_counters(ends[i].rig->st)->segments_retransmitted, 0);
	hf_close(ends[0].core, ends[0].conn);
	run(50);
	cr_expect(ends[0].why == HF_CLOSED && ends[1].why == HF_CLOSED);
	part();
}

/* Both close at the same time, too (figure 13). */
Test(stack_both, close_at_the_same_time)
{
	meet();
	run(100);
	hf_close(ends[0].core, ends[0].conn);
	hf_close(ends[1].core, ends[1].conn);
	run(50);
	cr_expect(ends[0].why == HF_CLOSED && ends[1].why == HF_CLOSED);
	for (unsigned i = 0; i < 2; i++)
		cr_expect_eq(stack_usage(ends[i].rig->st).time_wait, 1);
	part();
}

/* Any one segment may be lost: both sides reach the same end. */
Test(stack_both, any_segment_lost)
{
	for (uint32_t k = 0; k < SEGMENTS; k++) {
		meet();
		lose = k;
		run(4000);
		expect_both_open();
		hf_close(ends[k % 2].core, ends[k % 2].conn);
		run(4000);
		cr_expect(ends[0].why == HF_CLOSED && ends[1].why == HF_CLOSED,
		        "segment %u lost: %s and %s", k, hf_reason_name(ends[0].why),
		        hf_reason_name(ends[1].why));
		cr_expect_gt(segments, 8);
		part();
	}
}

/* One comes a round trip later: its SYN meets a connection in SYN-SENT all the same,
 * if the first one's was lost. */
Test(stack_both, first_syn_lost)
{
	uint8_t port;

	lose = 0;
	segments = 0;
	start(0, "hello from the first");
	start(1, "and from the second");
	for (unsigned i = 0; i < 2; i++)
		stack_route_to(
		        ends[i].rig->st, rig_ip(10, 0, 0, 2 - i), &port, ends[i].rig->now);
	run(5);
	open_to_other(0);
	run(20);
	open_to_other(1);
	run(20);
	expect_both_open();
	hf_close(ends[1].core, ends[1].conn);
	part();
}

/* The peer's port is closed, and the peer says so. */
Test(stack_both, refused)
{
	uint8_t port;

	lose = NONE;
	start(0, "");
	start(1, "");
	stack_route_to(ends[0].rig->st, rig_ip(10, 0, 0, 2), &port, ends[0].rig->now);
	run(5);
	open_to_other(0);
	run(5);
	cr_expect_eq(ends[0].closed, 1);
	cr_expect_eq(ends[0].why, HF_REFUSED);
	ends[1].closed = 1; /* it has none */
	part();
}
